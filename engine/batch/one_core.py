"""Imported first by the process that workers are forked from, so that the libraries it imports next use one thread.

So the limits are set in that process alone: the environment of the one that starts it is read by other threads.
"""

from graingraph.engine.cpu import use_one_core

use_one_core()
