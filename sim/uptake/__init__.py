"""uptake: an agent-based laboratory for the adoption of shared services.

Read ``model`` in the order of the ODD protocol: ``entities``, ``parameters``, ``levers``,
``episode``, ``rules/trusts``, ``initialization``, ``schedule``, ``observation``.
"""

import os

# Linear algebra here is small: on one thread it is faster, and its sums have one order anywhere.
# It must be said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

__version__ = "0.6.0"
