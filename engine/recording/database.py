"""Opens a database from an unknown source safely: nothing in it runs, and no query is endless or too large."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import pathname2url

from .packing import PIECE_BYTES, PackingError

_BUSY_S = 5.0  # until somebody else's short transaction is over
LONGEST_S = 5.0
"""Of this thread's computing for one question; a slow disk does not count."""
_LOOK_EVERY = 10_000
"""Instructions of SQLite between two looks at the time."""
_ROW_BYTES = 8
"""A row takes at least so many in a file."""
_VALUE_BYTES = 4_000_000
"""Of one value, until more is allowed."""
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 10,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 10,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}
_CONFIGS = {"DEFENSIVE": True, "ENABLE_TRIGGER": False, "ENABLE_VIEW": False}
_PLAIN = re.compile(r'CREATE TABLE "?\w+"? ?\(')
_MORE_COLUMNS = r"(, \w+( \w+)*)*\)"  # of a later version: no expression can stand without brackets


def _url(path: Path) -> str:
    """Return a path as it stands in an address; on Unix it need be no text."""
    return pathname2url(str(path)) if os.name == "nt" else quote(os.fsencode(path))


def table_of(statement: str) -> str:
    """Return the name of the table that a statement "CREATE TABLE name (…)" makes."""
    return statement.split("(")[0].split()[-1].strip('"')


class Database:
    """A file of SQLite that is read: for one thread and a short time.

    tables: the statements that make them. `ask` raises sqlite3.Error for what cannot be read, and PackingError for
    what was made to do harm; `check_tables` PackingError for a file that holds anything but plain tables like these.
    """

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        self._path = path
        self._tables = tables
        self._until = 0.0
        address = f"file:{_url(path.absolute())}?mode=ro"
        self._connection = sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)
        with ExitStack() as undone:
            undone.callback(self.close)
            _restrain(self._connection)
            self.allow(_VALUE_BYTES)
            self._connection.set_progress_handler(lambda: time.thread_time() > self._until, _LOOK_EVERY)
            self._room = self._file_bytes()
            undone.pop_all()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def allow(self, nbytes: int) -> None:
        """Let a value be as long as this."""
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(nbytes, _VALUE_BYTES))

    def ask(self, question: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question, no more than the file can hold."""
        self._until = time.thread_time() + LONGEST_S
        try:
            return self._answer(question, parameters)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise PackingError(f"reading it took longer than {LONGEST_S:g} s") from error

    def _answer(self, question: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        found, taken = [], 0
        for row in self._connection.execute(question, parameters):
            taken += _ROW_BYTES + sum(len(value) for value in row if isinstance(value, (str, bytes)))
            if taken > self._room:  # pages of a damaged file can be found again and again
                self._room = self._file_bytes()
                if taken > self._room:
                    raise PackingError("it returns more data than the file contains")
            found.append(row)
        return found

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let several questions be about the same moment, whatever is written meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    def data(self, table: str, row: int) -> list[bytes]:
        """Return the column "data" of a row by its number, piece by piece: other threads can go on between two."""
        size = "CASE typeof(data) WHEN 'blob' THEN length(data) ELSE 0 END"
        ((nbytes,),) = self.ask(f"SELECT {size} FROM {table} WHERE rowid = ?", (row,))
        if nbytes <= PIECE_BYTES:
            return [value for (value,) in self.ask(f"SELECT data FROM {table} WHERE rowid = ?", (row,))]
        if nbytes > max(self._file_bytes(), _VALUE_BYTES):
            raise PackingError("it returns more data than the file contains")
        with self._connection.blobopen(table, "data", row, readonly=True) as value:
            return [value.read(PIECE_BYTES) for _ in range(0, nbytes, PIECE_BYTES)]

    def check_tables(self) -> None:
        """Raise PackingError unless the file holds the tables that are asked for, and nothing but plain tables.

        A view can last for ever, and a trigger runs when something is written. What SQLite has read a table from is
        its statement alone: the kind and the name that stand beside it may say something else.
        """
        statements = {}
        for name, text in self.ask("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
            if not isinstance(text, str) or not _PLAIN.match(text):
                raise PackingError(f"{name} in it is not a plain table")
            statements[table_of(text)] = text
        for wanted in self._tables:
            begin, bracket, end = wanted.rpartition(")")
            pattern = re.escape(begin) + _MORE_COLUMNS + re.escape(end) if bracket else re.escape(wanted)
            if not re.fullmatch(pattern, statements.get(table_of(wanted), "")):
                raise PackingError(f"its table {table_of(wanted)} is missing or different")

    def _file_bytes(self) -> int:
        """Return what the file and what belongs to it take; pages go from the second to the first."""
        nbytes = 0
        for name in (Path(f"{self._path}-wal"), self._path):
            with suppress(FileNotFoundError):  # its writer may remove the first at any moment
                nbytes += name.stat().st_size
        return nbytes


def _restrain(connection: sqlite3.Connection) -> None:
    """Keep SQLite from all that no recording needs, as far as this SQLite and this Python can."""
    connection.execute("PRAGMA trusted_schema = OFF")  # those that do not know a pragma do nothing
    connection.execute("PRAGMA cell_size_check = ON")
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    connection.set_authorizer(_allowed)
    configure: Any = getattr(connection, "setconfig", None)  # Python 3.12
    for name, on in _CONFIGS.items() if configure is not None else ():
        option = getattr(sqlite3, f"SQLITE_DBCONFIG_{name}", None)
        if option is not None:
            with suppress(sqlite3.Error):  # an SQLite that is older than its Python; the authorizer does for it
                configure(option, on)


def _allowed(_action: int, _one: str | None, _two: str | None, _database: str | None, inside: str | None) -> int:
    """Forbid whatever a view or a trigger would do."""
    return sqlite3.SQLITE_OK if inside is None else sqlite3.SQLITE_DENY
