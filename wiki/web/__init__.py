"""The browser's and the programs' side: one action, one short function.

Reads the request, asks ``wiki.service``, answers. No rule about pages or people is
decided here.
"""
