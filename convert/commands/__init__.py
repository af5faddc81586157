"""
What ``python -m convert`` does: a command is a module here, named as it is called.

Its docstring's first line is its help. ``configure(parser)`` adds its arguments, and
``run(arguments, write) -> int`` does it, gives the exit status and raises EdgeErrors. Modules are
imported to list them, so none imports torch, or another runtime, before it runs.
"""
