"""Learning a segmentation from a few traced images, and applying it: the machinery behind the Learn nodes.

``network``, ``losses``, ``training``, ``checkpoint`` and ``export`` import torch and are imported only while training.
Everything else needs numpy, OpenCV and ONNX Runtime, so that a trained model works where torch is not installed.
"""
