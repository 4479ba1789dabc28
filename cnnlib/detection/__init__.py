"""Detectors, from R-CNN to YOLOv2, and what they are built from; what users need most can be imported from here.

>>> from cnnlib.detection import FasterRCNN, iou
"""

from cnnlib.detection.average_precision import detection_scores, precision_recall
from cnnlib.detection.boxes import area, clip, decode, encode, iou
from cnnlib.detection.detections import Detections, best_overlaps, ground_truth, suppress
from cnnlib.detection.detector import DetectionObjective, Detector
from cnnlib.detection.dimension_clusters import anchor_sizes, size_overlap
from cnnlib.detection.fast_rcnn import FastRCNN
from cnnlib.detection.faster_rcnn import FasterRCNN
from cnnlib.detection.pooling import crop_and_warp, roi_align, roi_pool, roi_pyramid, spatial_pyramid
from cnnlib.detection.proposals import padded, recall, selective_search, sliding_windows
from cnnlib.detection.rcnn import RCNN
from cnnlib.detection.rpn import RPN
from cnnlib.detection.sppnet import SPPNet
from cnnlib.detection.suppression import nms, nms_by_class
from cnnlib.detection.yolo import Yolo
from cnnlib.detection.yolo_v2 import YoloV2

__all__ = [
    "RCNN",
    "RPN",
    "DetectionObjective",
    "Detections",
    "Detector",
    "FastRCNN",
    "FasterRCNN",
    "SPPNet",
    "Yolo",
    "YoloV2",
    "anchor_sizes",
    "area",
    "best_overlaps",
    "clip",
    "crop_and_warp",
    "decode",
    "detection_scores",
    "encode",
    "ground_truth",
    "iou",
    "nms",
    "nms_by_class",
    "padded",
    "precision_recall",
    "recall",
    "roi_align",
    "roi_pool",
    "roi_pyramid",
    "selective_search",
    "size_overlap",
    "sliding_windows",
    "spatial_pyramid",
    "suppress",
]
