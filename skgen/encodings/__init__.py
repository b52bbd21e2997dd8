"""The normal form as models want it: ranks, bins, modes and latent normals."""
