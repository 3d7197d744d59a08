"""Films: what each frame shows, captions, the encoder, and the process that makes one."""
