"""The one place that chooses where tensors live: a GPU if there is one, else the processor (`CNNLIB_DEVICE` overrides)."""

import os

import torch

device = torch.device(os.environ.get("CNNLIB_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu"))
