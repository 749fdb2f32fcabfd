"""A folder served by SFTP, as paramiko has it: its client and server are the ones that fsspec takes."""

import os
import socket
from pathlib import Path
from typing import Any

import paramiko


class _Login(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == ("lab", "secret")
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    """Files below a folder, which looks like the root."""

    def __init__(self, server: Any, folder: Path) -> None:
        super().__init__(server)
        self._folder = folder

    def _at(self, path: str) -> Path:
        return self._folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            entries = list(self._at(path).iterdir())
        except OSError as error:
            return _code(error)
        return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in entries if one.exists()]

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return _code(error)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            descriptor = os.open(self._at(path), flags, 0o644)
        except OSError as error:
            return _code(error)
        handle = paramiko.SFTPHandle(flags)
        mode = "r+b" if flags & os.O_RDWR else "wb" if flags & os.O_WRONLY else "rb"
        handle.readfile = handle.writefile = os.fdopen(descriptor, mode)
        return handle

    def remove(self, path: str) -> int:
        return _tried(lambda: self._at(path).unlink())

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return _tried(lambda: self._at(oldpath).replace(self._at(newpath)))

    rename = posix_rename

    def mkdir(self, path: str, attr: Any) -> int:
        return _tried(lambda: self._at(path).mkdir())

    def rmdir(self, path: str) -> int:
        return _tried(lambda: self._at(path).rmdir())


def _tried(act: Any) -> int:
    try:
        act()
    except OSError as error:
        return _code(error)
    return paramiko.SFTP_OK


def _code(error: OSError) -> int:
    return paramiko.SFTPServer.convert_errno(error.errno)


def serve(listening: socket.socket, folder: Path) -> None:
    """Take connections until the socket is closed."""
    key = paramiko.ECDSAKey.generate()
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        transport = paramiko.Transport(connection)
        transport.daemon = True
        transport.add_server_key(key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, folder)
        transport.start_server(server=_Login())
