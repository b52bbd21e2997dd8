"""Flow matching of tables."""

from skgen.neural.flow.flow_matching import FlowMatching

__all__ = ["FlowMatching"]
