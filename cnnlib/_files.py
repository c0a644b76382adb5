"""Files: written whole or not at all, and read without trust.

Nothing here unpickles or evaluates what a file says, and no file may take more memory than its
reader allows: what a header promises is compared with that before anything is made for it.
"""

import contextlib
import errno
import math
import os
import re
import secrets
import zipfile
from pathlib import Path

import numpy as np

CHUNK = 1 << 20  # bytes that are asked of a compressed stream at a time
MOST_AXES = 32  # NumPy's own limit, up to NumPy 1


def check_file_name(name, path):
    """Return `path`, if a file can have that name here: the system is asked, whether there is one or not.

    Raises
    ------
    ValueError
        If it is too long, or holds a character that no name can hold.

    Examples
    --------
    >>> check_file_name("path", "a" * 3000)
    Traceback (most recent call last):
      ...
    ValueError: path must be a name that a file can have, got 'aaaaaaaaaaaaaaaaaaaa...: File name too long
    """
    need = f"{name} must be a name that a file can have, got {str(path)!r:.21}..."
    try:
        os.lstat(path)
    except ValueError as error:  # a character
        raise ValueError(f"{need}: {error}") from None
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            raise ValueError(f"{need}: {error.strerror}") from None
    return path


def check_place(name, path):
    """Return `path`, if a file could be written there: it is no folder, but lies in one.

    Raises
    ------
    IsADirectoryError, FileNotFoundError, NotADirectoryError
        If it is not so.

    Examples
    --------
    >>> check_place("path", Path("no such folder/a.npz"))
    Traceback (most recent call last):
      ...
    FileNotFoundError: [Errno 2] path must lie in a folder that is there: 'no such folder'
    """
    if path.is_dir():
        raise OSError(errno.EISDIR, f"{name} must be that of a file, got a folder", str(path))
    if not path.parent.is_dir():
        wrong = errno.ENOTDIR if path.parent.exists() else errno.ENOENT
        raise OSError(wrong, f"{name} must lie in a folder that is there", str(path.parent))
    return path


@contextlib.contextmanager
def replaced_file(path):
    """Yield a new binary file that takes the place of `path` once it is whole.

    On an error, or when the process is killed, the file of before stays as it is. Each call writes
    to a name of its own, so that threads and processes that save one path do not disturb each other.

    Parameters
    ----------
    path : path-like

    Yields
    ------
    file
        Open for writing.

    Raises
    ------
    OSError
        As `check_place`, or what the system says of the folder, such as `PermissionError`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replaced_file(Path(folder) / "a.txt") as file:
    ...         _ = file.write(b"whole")
    ...     (Path(folder) / "a.txt").read_bytes()
    b'whole'
    """
    path = check_place("path", check_file_name("path", Path(path)))
    temporary = path.with_name(f".{path.name[:40]}-{secrets.token_hex(8)}.part")  # not too long where `path` is not
    try:
        with _made(temporary) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # on disk before it takes the old one's place
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):  # it was not made, or nobody may take it away
            temporary.unlink()
        raise


def _made(path):
    try:
        return open(path, "xb")
    except OSError as error:  # it names a file that nobody has asked for
        problem = f"path must lie in a folder that takes new files, got {error.strerror}"
        raise OSError(error.errno, problem, str(path.parent)) from None


def read_numbers(stream, shape, dtype, most_bytes, name):
    """Return the array whose numbers a stream holds, and nothing else.

    Parameters
    ----------
    stream : file
        Open for reading bytes, at the first number; may be compressed.
    shape : tuple of int
        As some header says.
    dtype : numpy.dtype
    most_bytes : int
        What the array may take.
    name : str
        For messages.

    Returns
    -------
    ndarray, C order

    Raises
    ------
    ValueError
        If the shape promises more than `most_bytes`, or the stream holds more or fewer numbers.
    """
    if len(shape) > MOST_AXES:
        raise ValueError(f"{name} must have at most {MOST_AXES} axes, got {len(shape)}")
    # an axis of no length hides the others, but NumPy counts them
    promised = math.prod(max(1, length) for length in shape) * dtype.itemsize
    if promised > most_bytes:
        raise ValueError(f"{name} must hold at most {most_bytes:,} bytes, got {promised:,} for shape {shape}")
    array = np.empty(shape, dtype)  # the system gives the memory as it is filled
    memory, filled = memoryview(array.reshape(-1).view(np.uint8)), 0
    while filled < len(memory):
        chunk = stream.read(min(CHUNK, len(memory) - filled))
        if not chunk:
            break
        memory[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    if filled < len(memory) or stream.read(1):
        got = f"{filled // dtype.itemsize:,}" if filled < len(memory) else "more"
        raise ValueError(f"{name} must hold {math.prod(shape):,} numbers for shape {shape}, got {got}")
    return array


def read_arrays(path, most_bytes, what):
    """Return the arrays of an ``.npz`` file, by name.

    Parameters
    ----------
    path : path-like
    most_bytes : int
        What all arrays together may take.
    what : str
        What the arrays are, for messages.

    Returns
    -------
    dict of str to ndarray
        Of booleans, integers and floating-point numbers.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a whole ``.npz`` file, holds anything but arrays of numbers, or more than
        `most_bytes`.
    """
    arrays = {}
    check_file_name("path", path)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = member.filename.removesuffix(".npy")
                if name == member.filename or name in arrays:
                    raise ValueError(f"each member must be an array of its own, got {member.filename!r}")
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others choose their memory
                    raise ValueError(f"{name} must be stored or deflated, got method {member.compress_type}")
                with archive.open(member) as stream:
                    arrays[name] = _read_npy(stream, most_bytes, name)
                most_bytes -= arrays[name].nbytes
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have their own for a damaged file
        raise ValueError(f"path must be a whole .npz file of {what}, got {Path(path).name}: {error}") from error
    return arrays


# What NumPy writes before an array of numbers. It is not evaluated, as NumPy would, and what is
# pickled does not match.
_NPY_HEADER = re.compile(
    r"\{'descr': '([<>|][buif]\d{1,2})', 'fortran_order': (True|False), "
    r"'shape': \((|\d{1,20},|\d{1,20}(?:, \d{1,20})+)\), \} *\n"
)


def _read_npy(stream, most_bytes, name):
    if stream.read(8) != b"\x93NUMPY\x01\x00":
        raise ValueError(f"{name} must be an array in version 1.0 of the .npy format")
    header = stream.read(int.from_bytes(stream.read(2), "little")).decode("latin-1")
    match = _NPY_HEADER.fullmatch(header)
    if match is None:
        raise ValueError(f"{name} must hold numbers, without pickle, got the header {header[:80]!r}")
    dtype, shape = np.dtype(match[1]), tuple(int(length) for length in re.findall(r"\d+", match[3]))
    fortran_order = match[2] == "True"
    array = read_numbers(stream, shape[::-1] if fortran_order else shape, dtype, most_bytes, name)
    return array.T if fortran_order else array
