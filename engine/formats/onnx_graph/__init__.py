"""What an ONNX model contains: its constants, its wires, and how one is written."""
