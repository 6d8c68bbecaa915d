"""Writing an output file so that it is never half there: to a temporary name, then renamed."""

import os


def write_output(path: str, data: bytes, executable: bool) -> None:
    """Write `data` to `path`; a program gets execute permission as the umask allows."""
    if os.path.exists(path) and not os.path.isfile(path):
        try:
            with open(path, "wb") as special:  # /dev/null and the like
                special.write(data)
        except OSError as failure:
            failure.filename = path
            raise
        return
    temporary = f"{path}.{os.getpid()}.tmp"
    mode = 0o777 if executable else 0o666
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException as failure:
        os.unlink(temporary)
        if isinstance(failure, OSError):
            failure.filename = path
        raise
