"""The live feed: what happens reaches every open board within a second, by server-sent events.

`reader` asks the database what is new, `audience` says who may hear of it, `hub` carries it to
the open connections, `door` is the ASGI application that opens them.
"""
