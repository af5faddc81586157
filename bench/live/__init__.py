"""
The running service seen from outside: processes started, watched and measured as a user has them.

Times are compared across processes by ``time.monotonic_ns``, which on Linux is one clock for all of
them.
"""
