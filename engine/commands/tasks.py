"""The command `main.py tasks`: lists the tasks that a network can learn."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import one_line
from ..settings.config import TrainingConfig
from ..tasks import TASKS, create_task
from ..tasks.own import own_folder, own_tasks
from ..text.numbers import brief
from .printing import print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py tasks` can be told."""
    parser.add_argument("--json", action="store_true", help="JSON in full double precision instead of a list")


def run(options: argparse.Namespace) -> int:
    """Print every task that can be learnt, at the default settings, the user's own last; return the exit status."""
    members, folder = [task_members(name) for name in TASKS] + own_members(), own_folder()
    if options.json:
        print_json(members)
        return 0
    for task in members:
        print(one_line(f"{task['name']}: {task['title']}"))
        if task["error"]:
            print(one_line(f"  error           {task['error']}"))
            continue
        unit = f" ({task['measure_unit']})" if task["measure_unit"] else ""
        print(f"  loss            {task['loss']}")
        print(f"  measure         {task['measure']}{unit}")
        print(f"  solved          {task['criterion']}")
        print(f"  trivial answer  {task['trivial_answer']}: loss {brief(task['trivial_loss'])}")
        print(f"  source          {task['source']}")
    print(one_line(f"  your own tasks  {folder}"))
    return 0


def task_members(name: str) -> dict[str, Any]:
    """Return what the JSON says about one task; its trivial loss is that of the default settings.

    Raises DataError where a file of the user's cannot be used.
    """
    task = create_task(TrainingConfig(task=name))
    return {
        "name": task.name,
        "title": task.title,
        "loss": task.loss_name,
        "measure": task.measure_name,
        "measure_unit": task.measure_unit,
        "criterion": task.criterion,
        "trivial_answer": task.trivial_name,
        "trivial_loss": task.trivial_loss,
        "source": task.source,
        "file": "",
        "error": "",
    }


def own_members() -> list[dict[str, Any]]:
    """Return the same of the user's own tasks; one that cannot be used has null for what is not known of it."""
    members: list[dict[str, Any]] = []
    for own in own_tasks(TrainingConfig()):
        known = dict.fromkeys(task_members(next(iter(TASKS)))) if own.error else task_members(own.value)
        members.append({**known, "name": own.value, "title": own.title, "file": str(own.path), "error": own.error})
    return members
