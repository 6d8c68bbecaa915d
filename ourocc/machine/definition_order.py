"""Puts the blocks into an order in which every block stands behind its immediate dominator.

Register allocation reads live ranges from the first position on and takes the first range to hold the definition: so
definitions must stand before uses in the order of blocks, which passes do not promise.  The order is kept when it already
is one; else it becomes reverse postorder.  `block_placement.py` chooses the final layout later.
"""

from ourocc.ir.function import Function
from ourocc.optimize.control_flow import Dominators


def run(function: Function) -> bool:
    """Returns whether the order changed.  Unreachable blocks go last."""
    if len(function.blocks) < 3:
        return False
    dominators = Dominators(function)
    position: list[int] = [-1] * function.block_count
    for index, block in enumerate(function.blocks):
        position[block.id] = index
    for block in dominators.order:
        dominator = dominators.immediate[block.id]
        if dominator is not None and position[dominator.id] > position[block.id]:
            break
    else:
        return False
    rest = [block for block in function.blocks if not dominators.reachable(block)]
    function.blocks = dominators.order + rest
    return True
