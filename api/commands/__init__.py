"""Commands in: load the streams, decide, append. HTTP, `load` and the demo all come through `Commands.handle`."""
