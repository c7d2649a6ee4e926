"""Many runs of the model: compiled, or one at a time under Mesa."""
