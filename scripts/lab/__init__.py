"""A laboratory of network namespaces around one router: real BGP daemons, a client, captures.

Everything that a run makes (namespaces, processes, files) carries the run's own prefix and goes away with it.
Python 3.11 and its standard library; needs root.
"""
