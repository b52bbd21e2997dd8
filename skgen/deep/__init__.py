"""What networks share: base classes, the training loop, devices and layers."""
