"""The order of blocks for register allocation and layout: reverse postorder in which the likelier successor comes next.

In: optimized IR with block frequencies.  Out: `function.blocks` such that loops are contiguous (their exits, being less
frequent, are visited first and so stand behind them), definitions stand before uses, and cold blocks stand last.
Pettis and Hansen 1990 give the reason: fall through where control usually goes.
"""

from ourocc.ir.function import Block, Function


def run(function: Function) -> bool:
    """Reorder the blocks; unreachable ones go last.  Returns whether the order changed."""
    old = function.blocks
    if len(old) < 3:
        return False
    visited: list[bool] = [False] * function.block_count
    postorder: list[Block] = []
    stack: list[Block] = [old[0]]
    waiting: list[list[Block]] = [ordered(old[0])]
    visited[old[0].id] = True
    while stack:
        pending = waiting[-1]
        if pending:
            block = pending.pop()
            if not visited[block.id]:
                visited[block.id] = True
                stack.append(block)
                waiting.append(ordered(block))
        else:
            postorder.append(stack.pop())
            waiting.pop()
    postorder.reverse()
    hot = [block for block in postorder if not block.cold or block is old[0]]
    cold = [block for block in postorder if block.cold and block is not old[0]]
    rest = [block for block in old if not visited[block.id]]
    function.blocks = hot + cold + rest
    return True


def ordered(block: Block) -> list[Block]:
    """Successors, to be popped from the end: the least frequent first, so that the most frequent ends up next."""
    successors = block.successors
    if len(successors) < 2:
        return successors.copy()
    if len(successors) == 2:
        first, second = successors
        return [first, second] if first.frequency >= second.frequency else [second, first]
    return sorted(successors, key=frequency_of, reverse=True)


def frequency_of(block: Block) -> int:
    return block.frequency
