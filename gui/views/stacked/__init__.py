"""The view Layers: all layers as one matrix product, in torch's order."""
