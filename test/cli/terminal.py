"""Runs a program in a terminal of its own and sends it keys and signals when it has written what they wait for.

terminal.py COLUMNS STEPS PROGRAM ARGUMENTS...; STEPS is JSON: [[text, "^C" or "SIGTERM"], ...]. Writes JSON with what the terminal
showed and the exit code, negative for a signal.
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

columns, steps, command = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
process, terminal = pty.fork()
if process == 0:
    # The width is set before the program can ask for it.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    os.execvp(command[0], command)

shown, seen, deadline = b'', 0, time.time() + 60
while time.time() < deadline:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    if steps and steps[0][0].encode() in shown[seen:]:
        seen = len(shown)
        what = steps.pop(0)[1]
        if what == '^C':
            os.write(terminal, b'\x03')
        else:
            os.kill(process, getattr(signal, what))
else:
    os.kill(process, signal.SIGKILL)
code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
print(json.dumps({'shown': shown.decode('utf8', 'replace'), 'code': code, 'left': len(steps)}))
