"""The running command as it is typed."""

from __future__ import annotations

import shlex

import typer


def typed_command(context: typer.Context) -> str:
    """Return the running command with all its values, so that it can be repeated.

    Options that do not change the result, such as the number of processes, are left
    out.
    """
    parts = ["skgen", str(context.info_name)]
    for param in context.command.params:
        value = context.params.get(str(param.name))
        if value is None or param.name in {"n_jobs", "quiet"}:
            continue
        if isinstance(value, bool):
            names = param.opts if value else param.secondary_opts
            parts += names[:1] if value != param.default else []
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            if param.param_type_name == "option":
                parts.append(param.opts[0])
            parts.append(str(one))
    return shlex.join(parts)
