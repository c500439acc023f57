"""Forecasts, observations and reports over HTTP.

Some of this code blocks the event loop and some only looks as if it did. `loopguard check` tells them apart.
"""
