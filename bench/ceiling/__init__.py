"""The machine's ceiling, how much of it a model reaches, and where in the model the rest goes."""
