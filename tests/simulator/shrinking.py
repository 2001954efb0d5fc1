"""Makes a failing run small: fewer actions, then fewer faults, as long as it fails in the same way.

Rules: the same way means the same words without their numbers. Each try is a whole run of its own, so the outcome is
a plan that anybody can repeat by the command that is printed.
"""

import re
from dataclasses import replace

from tests.simulator.faults import Planned, plan_of
from tests.simulator.schedule import Schedule
from tests.simulator.seeds import Order, run_one

_NUMBERS = re.compile(r"-?\d+")


def shrink(order: Order) -> int:
    """Print the smallest run that fails as this one does. Exit status 0 if there was something to shrink."""
    wanted = kind_of(run_one(order).wrong)
    if not wanted:
        print(f"seed {order.seed} does not fail")
        return 1
    print(f"seed {order.seed} fails: {wanted}", flush=True)
    plan = order.plan if order.plan is not None else plan_of(Schedule(order.seed).chance, order.actions)
    smallest = with_fewer_actions(replace(order, plan=plan), wanted)
    smallest = with_fewer_faults(smallest, wanted)
    smallest = with_fewer_actions(smallest, wanted)
    print(run_one(smallest).line())
    print(command_of(smallest))
    return 0


def kind_of(wrong: str) -> str:
    """What a finding is, whatever numbers it has."""
    return _NUMBERS.sub("N", wrong.split("[", maxsplit=1)[0])


def with_fewer_actions(order: Order, wanted: str) -> Order:
    """The fewest actions found by halving what is taken away."""
    step = order.actions // 2
    while step >= max(1, order.actions // 50):
        tried = replace(order, actions=order.actions - step)
        if tried.actions > 0 and fails(tried, wanted):
            order = tried
            print(f"{order.actions} actions are enough", flush=True)
        else:
            step //= 2
    return order


def with_fewer_faults(order: Order, wanted: str) -> Order:
    """Leaves out one fault after the other, from the last on."""
    assert order.plan is not None
    for place in reversed(range(len(order.plan))):
        tried = replace(order, plan=[*order.plan[:place], *order.plan[place + 1 :]])
        if fails(tried, wanted):
            print(f"without {text_of([order.plan[place]])}", flush=True)
            order = tried
            assert order.plan is not None
    return order


def fails(order: Order, wanted: str) -> bool:
    """Whether it fails in this way."""
    return kind_of(run_one(order).wrong) == wanted


def text_of(plan: list[Planned]) -> str:
    """A plan as `--faults` takes it."""
    return ",".join(f"{fault}@{action}" for action, fault in plan)


def command_of(order: Order) -> str:
    """What repeats the run."""
    plant = f" --plant {order.plant}" if order.plant else ""
    faults = text_of(order.plan or [])
    return f'python -m tests.simulator --seed {order.seed} --actions {order.actions} --faults "{faults}"{plant}'
