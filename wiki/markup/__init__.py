"""Markdown to a tree, the tree to safe HTML."""
