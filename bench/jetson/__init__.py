"""What a Jetson may be expected to do, from its public figures: estimates, not measured."""
