"""Learning a segmentation from a few traced images, and applying it: the machinery behind the Learn nodes.

``train.training_run``, what it trains with, and ``model.export`` import torch and are imported only while training.
Everything else needs numpy, OpenCV and ONNX Runtime, so that a trained model works where torch is not installed.
"""
