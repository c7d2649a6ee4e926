"""uptake: an agent-based laboratory for the adoption of shared services.

Read the modules in the order of the ODD protocol: ``entities``, ``parameters``, ``inputs``,
``submodels/trusts``, ``initialization``, ``schedule``, ``observation``.
"""

__version__ = "0.4.0"
