"""Wrong answers of lesson 10."""

import math

import numpy as np
import torch
import torchvision
from torch.nn import functional as F


def pool(
    whole=lambda v: math.floor(v + 0.5),
    piece=lambda x, i, x1, y1, x2, y2: x[i, :, y1 : y2 + 1, x1 : x2 + 1],
    end=lambda i, h, size: math.ceil((i + 1) * h / size),
    reduce=lambda part: part.amax((1, 2)),
):
    """Write RoI pooling bin by bin, with something changed."""

    def pooled(x, roi, size, scale):
        cut = piece(x, int(roi[0]), *(int(whole(v * scale)) for v in roi[1:].tolist()))
        h, w = cut.shape[1:]
        bins = [
            [reduce(cut[:, i * h // size : end(i, h, size), j * w // size : end(j, w, size)]) for j in range(size)]
            for i in range(size)
        ]
        return torch.stack([torch.stack(row, 1) for row in bins], 1)

    return pooled


def pool_of_equal_bins(x, roi, size, scale):
    x1, y1, x2, y2 = (math.floor(v * scale + 0.5) for v in roi[1:].tolist())
    rows, columns = (y2 + 1 - y1) // size, (x2 + 1 - x1) // size
    part = x[int(roi[0]), :, y1 : y1 + rows * size, x1 : x1 + columns * size]
    return torch.stack([row.amax(1) for row in part.split(rows, 1)], 1).unfold(2, columns, columns).max(3).values


def pool_of_width_and_height(x, roi, size, scale):
    image, x1, y1, w, h = roi
    return pool()(x, torch.stack([image, x1, y1, x1 + w, y1 + h]), size, scale)


def pool_outwards(x, roi, size, scale):
    near, far = (roi[1:3] * scale).floor(), (roi[3:] * scale).ceil()
    return pool()(x, torch.cat([roi[:1], near, far]), size, 1)


def pool_by_torchvision(x, roi, size, scale):
    return torchvision.ops.roi_pool(x.float(), [roi[None, 1:].float()] * len(x), size, scale)[int(roi[0])]


def pool_with_points(x, roi, size, scale):
    return torchvision.ops.roi_align(x, roi[None], size, scale, aligned=False)[0]


def pool_of_starts_rounded_up(x, roi, size, scale):
    x1, y1, x2, y2 = (math.floor(v * scale + 0.5) for v in roi[1:].tolist())
    cut = x[int(roi[0]), :, y1 : y2 + 1, x1 : x2 + 1]
    rows, columns = ([math.ceil(i * side / size) for i in range(size + 1)] for side in cut.shape[1:])
    bins = [[cut[:, rows[i] : rows[i + 1], columns[j] : columns[j + 1]] for j in range(size)] for i in range(size)]
    return torch.stack([torch.stack([part.flatten(1).max(1).values for part in row], 1) for row in bins], 1)


def pool_of_long_bins(x, roi, size, scale):
    x1, y1, x2, y2 = (math.floor(v * scale + 0.5) for v in roi[1:].tolist())
    cut = x[int(roi[0]), :, y1 : y2 + 1, x1 : x2 + 1]
    rows, columns = (math.ceil(side / size) for side in cut.shape[1:])
    return F.max_pool2d(cut, (rows, columns), ceil_mode=True)


def box_loss(
    of=lambda d: d**2 / 2 if abs(d) < 1 else abs(d) - 0.5,
    row=lambda k: k - 1,
    count=lambda rows, deltas: len(deltas),
    learns=lambda k: k > 0,
):
    """Write the loss region by region and number by number, with something changed."""

    def loss(deltas, classes, targets):
        rows = [r for r, k in enumerate(classes) if learns(k)]
        total = sum(
            (of(d - t) for r in rows for d, t in zip(deltas[r, row(classes[r])], targets[r], strict=True)), deltas.new_zeros(())
        )
        return total / count(rows, deltas)

    return loss


def box_loss_by_default(deltas, classes, targets):
    positive = classes > 0
    return F.smooth_l1_loss(deltas[positive, classes[positive] - 1], targets[positive])


def box_loss_by_mean(deltas, classes, targets):
    rows = [r for r, k in enumerate(classes.tolist()) if k]
    if not rows:
        return 0 * deltas.sum()
    own = deltas[rows, [int(classes[r]) - 1 for r in rows]]
    return torch.nn.SmoothL1Loss()(own, targets[rows])


def box_loss_of_all_rows(deltas, classes, targets):
    positive = classes > 0
    return F.smooth_l1_loss(deltas[positive], targets[positive, None].expand_as(deltas[positive]), reduction="sum") / len(
        classes
    )


def box_loss_of_background(deltas, classes, targets):
    own = torch.stack([row[k - 1] for row, k in zip(deltas, classes, strict=True)])
    return F.smooth_l1_loss(own, targets, reduction="none").sum(1).mean()


def lay(
    shape=lambda s, r: (s / r**0.5, s * r**0.5),
    box=lambda x, y, w, h: [x - w / 2, y - h / 2, x + w / 2, y + h / 2],
    centre=lambda j, stride: (j + 0.5) * stride,
    order="ijsr",
):
    """Write the anchors in loops, with something changed."""

    def anchors(height, width, stride, sizes, ratios):
        ranges = {"i": range(height), "j": range(width), "s": sizes.tolist(), "r": ratios.tolist()}
        rows = [{}]
        for name in order:
            rows = [row | {name: value} for row in rows for value in ranges[name]]
        return torch.Tensor([box(centre(a["j"], stride), centre(a["i"], stride), *shape(a["s"], a["r"])) for a in rows])

    return anchors


def assign(
    positive_too=lambda iou, t: iou >= t,
    negative_too=lambda iou, t: iou < t,
    background=-1,
    rest=-2,
    chosen=lambda row: int(row.argmax()),
    best="last",
):
    """Write the rules anchor by anchor in numpy, with something changed."""

    def matches(overlap, positive, negative):
        table, found = overlap.numpy(), []
        for row in table:
            unmatched = background if negative_too(row.max(), negative) else rest
            found.append(chosen(row) if positive_too(row.max(), positive) else unmatched)
        for t, anchor in enumerate(table.argmax(0)):
            if best == "last" or (best == "no background" and table[anchor].max() >= negative):
                found[anchor] = int(table[anchor].argmax())
            if best == "own":
                found[anchor] = t
        return np.array(found)

    return matches


def assign_object_by_object(overlap, positive, negative, order=lambda objects: objects):
    matches = torch.full((len(overlap),), -2)
    matches[(overlap < negative).all(1)] = -1
    for t in order(range(overlap.shape[1])):
        matches[overlap[:, t] >= positive] = t
        matches[overlap[:, t].argmax()] = overlap[overlap[:, t].argmax()].argmax()
    return matches


def assign_best_if_unmatched(overlap, positive, negative):
    matches = assign(best="none")(overlap, positive, negative).tolist()
    for t in range(overlap.shape[1]):
        if t not in matches:
            anchor = int(overlap[:, t].argmax())
            matches[anchor] = int(overlap[anchor].argmax())
    return matches


def assign_two_kinds(overlap, positive, negative):
    matches = overlap.argmax(1)
    best = [int(column.argmax()) for column in overlap.T]
    for anchor, row in enumerate(overlap):
        if row.max() < negative and anchor not in best:
            matches[anchor] = -1
    return matches


def assign_best_of_all(overlap, positive, negative):
    matches = torch.tensor(assign(best="none")(overlap, positive, negative))
    anchor, index = divmod(int(overlap.argmax()), overlap.shape[1])
    matches[anchor] = index
    return matches


def assign_by_mean(overlap, positive, negative):
    best, index = overlap.max(1)
    matches = torch.where(overlap.mean(1) < negative, -1, -2)
    matches[best >= positive] = index[best >= positive]
    anchors = overlap.argmax(0)
    matches[anchors] = index[anchors]
    return matches


def assign_below_with_one(overlap, positive, negative):
    best, index = overlap.max(1)
    matches = torch.where((overlap < negative).any(1), -1, -2)
    matches[best >= positive] = index[best >= positive]
    anchors = overlap.argmax(0)
    matches[anchors] = index[anchors]
    return matches


def focal(
    power=lambda p, gamma: (1 - p) ** gamma,
    divide=lambda y: max(int(y.sum()), 1),
    alpha=(1, 1),
    true=lambda x, y: torch.where(y, x, -x),
):
    """Write the focal loss anchor by anchor, with something changed."""

    def loss(x, y, gamma):
        total = x.new_zeros(())
        for score, is_object in zip(true(x, y), y.tolist(), strict=True):
            weight = alpha[0] if is_object else alpha[1]
            total = total - weight * power(score.sigmoid(), gamma) * F.logsigmoid(score)
        return total / divide(y)

    return loss


def focal_of_one_probability(x, y, gamma):
    loss = F.binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="none")
    return ((1 - torch.sigmoid(x)) ** gamma * loss).sum() / max(y.sum(), 1)


def focal_of_one_logarithm(x, y, gamma):
    p = x.sigmoid()
    p_t = torch.where(y, p, 1 - p)
    return ((1 - p_t).pow(gamma) * -F.logsigmoid(x)).sum() / y.sum().clamp(min=1)


def focal_by_logarithms(x, y, gamma):
    p = 1 / (1 + torch.exp(-x))
    losses = torch.where(y, -((1 - p) ** gamma) * torch.log(p), -(p**gamma) * torch.log(1 - p))
    return losses.sum() / y.sum().clamp(min=1)


def focal_of_logits(x, y, gamma):
    p = torch.where(y, x, 1 - x)
    loss = F.binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="none")
    return ((1 - p) ** gamma * loss).sum() / y.sum().clamp(min=1)


def focal_detached(x, y, gamma):
    loss = F.binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="none")
    return ((1 - torch.exp(-loss.detach())) ** gamma * loss).sum() / y.sum().clamp(min=1)


def focal_of_mean(x, y, gamma):
    loss = F.binary_cross_entropy_with_logits(x, y.double())
    return (1 - torch.exp(-loss)) ** gamma * loss


def focal_times(factor, x, y, before=lambda x: x):
    loss = F.binary_cross_entropy_with_logits(before(x), y.to(x.dtype), reduction="none")
    return (factor * loss).sum() / y.sum().clamp(min=1)


def one_minus_p_t(x, y):
    return 1 - torch.where(y, x.sigmoid(), 1 - x.sigmoid())


def focal_cut_off(x, y, gamma):
    loss = F.binary_cross_entropy(x.sigmoid(), y.to(x.dtype), reduction="none")
    return (one_minus_p_t(x, y) ** gamma * loss).sum() / y.sum().clamp(min=1)


def pool_of_scaled_index(x, roi, size, scale):
    moved = roi.clone()
    moved[0] = math.floor(roi[0] * scale + 0.5)
    return pool()(x, moved, size, scale)


def pool_of_all_images(x, roi, size, scale):
    x1, y1, x2, y2 = (math.floor(v * scale + 0.5) for v in roi[1:].tolist())
    return F.adaptive_max_pool2d(x[:, :, y1 : y2 + 1, x1 : x2 + 1], size)


def box_loss_of_all_pairs(deltas, classes, targets):
    positive = classes > 0
    return F.smooth_l1_loss(
        deltas[:, classes[positive] - 1], targets[positive].expand(len(classes), -1, -1), reduction="sum"
    ) / len(classes)


def lay_in_pairs(height, width, stride, sizes, ratios):
    shapes = [(s / r**0.5, s * r**0.5) for s, r in zip(sizes.tolist(), ratios.tolist(), strict=False)]
    middles = [((j + 0.5) * stride, (i + 0.5) * stride) for i in range(height) for j in range(width)]
    return torch.tensor([[x - w / 2, y - h / 2, x + w / 2, y + h / 2] for x, y in middles for w, h in shapes]).to(sizes)


def assign_by_rows(overlap, positive, negative):
    """Take `argmax(1)` for the best anchor of each object."""
    best, index = overlap.max(1)
    matches = torch.full((len(best),), -2)
    matches[best < negative] = -1
    matches[best >= positive] = index[best >= positive]
    for anchor in overlap.argmax(1):
        matches[anchor] = index[anchor]
    return matches


def assign_own_object_first(overlap, positive, negative):
    best, index = overlap.max(1)
    matches = torch.where(best >= positive, index, -2)
    matches[overlap.argmax(0)] = torch.arange(overlap.shape[1])
    matches[best < negative] = -1
    return matches


def focal_with_floor(floor):
    """Clamp p_t before its logarithm."""

    def loss(x, y, gamma):
        p = torch.where(y, x.sigmoid(), 1 - x.sigmoid())
        return -((1 - p) ** gamma * p.clamp(min=floor).log()).sum() / max(1, int(y.sum()))

    return loss


WRONG_ANSWERS = {
    "columns": [
        (16, "16 is the number of columns of the whole map"),
        (12, "12 is x1 + x2"),
        (7, "7 leaves out one end"),
        ("7.25", "7.25 is the width"),
        (9.0, "9 is what you get"),
        (8.25, "8.25 is the width on the map"),
        ("6", "6 leaves out both ends"),
        (9.25, "9.25 is where"),
        (46, "46 is x1 + x2"),
        ("11.5", "11.5 is (x1 + x2) / 4"),
        (5, "5 is not right"),
    ],
    "pool": [
        (pool_of_scaled_index, "the index of the image is multiplied by `scale`"),
        (pool_of_all_images, "the regions of all images are pooled"),
        (lambda *case: pool()(*case).max(0).values, "the maximum is taken over the channels too"),
        (lambda *case: pool()(*case).permute(1, 2, 0), "the values are right, but the axes are in another order"),
        (lambda x, roi, size, scale: pool()(x, roi, size, 1 / scale), "your code raised IndexError"),
        (pool(whole=round), "`round` takes 2.5 to 2"),
        (pool(whole=math.floor), "the corners are rounded down"),
        (pool(whole=math.ceil), "the corners are rounded up"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[i, :, y1:y2, x1:x2]), "the last row and column are missing"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[i, :, x1 : x2 + 1, y1 : y2 + 1]), "x and y are exchanged"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[0, :, y1 : y2 + 1, x1 : x2 + 1]), "the first number is ignored"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[i - 1, :, y1 : y2 + 1, x1 : x2 + 1]), "the images are counted from 1"),
        (pool(end=lambda i, h, size: (i + 1) * h // size), "a bin ends too early"),
        (pool(end=lambda i, h, size: math.ceil((i + 1) * h / size) + 1), "a bin takes one row and one column too many"),
        (pool(reduce=lambda part: part.mean((1, 2))), "the bins are averaged"),
        (pool(reduce=lambda part: part.amin((1, 2))), "the smallest number of each bin is kept"),
        (pool(reduce=lambda part: torch.tensor(part.detach().numpy().max((1, 2)))), "the value is right, but its gradient"),
        (lambda x, roi, size, scale: pool()(x, roi, size, scale).mT, "rows and columns of the bins are exchanged"),
        (lambda x, roi, size, scale: pool()(x, roi, size, 1), "`scale` is missing"),
        (pool(piece=lambda x, i, x1, y1, w, h: x[i, :, y1 : y1 + h, x1 : x1 + w]), "the last two numbers are taken for"),
        (pool_of_width_and_height, "the numbers are taken for x, y, width and height"),
        (pool_outwards, "the corners are rounded outwards"),
        (pool_of_equal_bins, "a bin has h // size rows"),
        (
            pool(piece=lambda x, i, x1, y1, x2, y2: x[i, :, y1 : y2 + 2, x1 : x2 + 2]),
            "the region has one row and one column too",
        ),
        (lambda x, roi, size, scale: F.adaptive_max_pool2d(x[int(roi[0])], size), "the whole map is pooled"),
        (pool(reduce=lambda part: part.sum((1, 2))), "the bins are added up"),
        (pool_of_starts_rounded_up, "a bin begins too late"),
        (pool_of_long_bins, "every bin has ceil(h / size) rows"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[i, :, y1 + 1 : y2 + 1, x1 + 1 : x2 + 1]), "1 is added to the first corner"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[i, :, y1 : y2 + 1, x1:x2]), "the last column is missing"),
        (pool(piece=lambda x, i, x1, y1, x2, y2: x[i, :, y1:y2, x1 : x2 + 1]), "the last row is missing"),
        (
            lambda x, roi, size, scale: pool(whole=lambda v: math.floor(round(v / scale) * scale))(x, roi, size, scale),
            "the corners are rounded before",
        ),
        (lambda x, roi, size, scale: pool()(x, roi, size, scale)[None], "the values are right, but their shape"),
        (pool_by_torchvision, "the result is torch.float32"),
        (pool_with_points, "4 of the 4 values differ"),
    ],
    "shifted": [
        (0.99, "0.99 takes 2 x 2 pixels away"),
        ("0.82", "0.82 is what you get for a shift along one axis"),
        (0.81, "0.81 is the intersection over one box"),
        (0.405, "0.41 counts the intersection twice"),
        (0.9, "0.90 is the share of one side"),
        (0.6928982725527831, "0.69 is what you get if 1 is added"),
        (68, "68 is in per cent"),
        ("68.07", "68.07 is in per cent"),
        (0.32, "0.32 is 1 - IoU"),
        (0.1, "0.1 is the shift as a share of one side"),
        (0.01, "0.01 is the area of 2 x 2 pixels"),
        (0.67, "0.67 takes 22 x 22"),
        (0.64, "0.64 is what you get if each side loses 4 pixels"),
        (0.7, "two decimals are asked for; 0.7 has one"),
    ],
    "control": [
        ("a", "more seeds show whether the difference"),
        ("C", "more bins change both networks"),
        ("(d)", "with stride 1 both networks change"),
    ],
    "box_loss": [
        (box_loss_of_all_pairs, "`deltas[:, row]` takes a row of every region"),
        (box_loss(count=lambda rows, deltas: len(rows) or 1), "the sum is divided by the regions that hold an object"),
        (box_loss(count=lambda rows, deltas: len(rows)), "the sum is divided by the regions that hold an object, and 0 / 0"),
        (box_loss(count=lambda rows, deltas: deltas.shape[1]), "the sum is divided by K"),
        (box_loss(count=lambda rows, deltas: 4 * len(deltas)), "the sum is divided by 4 R"),
        (box_loss(count=lambda rows, deltas: deltas.numel()), "the result is divided by the number of values in"),
        (box_loss(count=lambda rows, deltas: 1), "the sum is not divided"),
        (box_loss(row=lambda k: k), "class k has row k - 1"),
        (box_loss(row=lambda k: 0), "the first row of `deltas` is taken for every class"),
        (box_loss(of=lambda d: d**2 if abs(d) < 1 else abs(d) - 0.5), "the square is not halved"),
        (box_loss(of=lambda d: d**2 / 2 if abs(d) < 1 else abs(d)), "1/2 is not subtracted"),
        (box_loss(of=lambda d: d**2 / 2 if d < 1 else d - 0.5), "`d < 1` holds for every negative d"),
        (box_loss(of=lambda d: d**2), "that is the squared error everywhere"),
        (box_loss(of=lambda d: min(d**2, abs(d))), "both halves are missing"),
        (box_loss(of=lambda d: 0.5 * d * d), "that is half the squared error everywhere"),
        (box_loss(of=lambda d: 4.5 * d**2 if abs(d) < 1 / 9 else abs(d) - 1 / 18), "the loss becomes linear at 1/9"),
        (box_loss(of=lambda d: -F.huber_loss(d, torch.zeros_like(d))), "the loss has the wrong sign"),
        (box_loss(of=abs), "that is the absolute error everywhere"),
        (box_loss(learns=lambda k: k >= 0), "the background is included; regions of class 0"),
        (box_loss(learns=lambda k: k >= 0, row=lambda k: k), "the background is included, and class k has row k - 1"),
        (box_loss(learns=lambda k: k < 1), "only the background is compared"),
        (box_loss(learns=lambda k: k > 1), "the regions of class 1 are left out"),
        (lambda deltas, k, targets: box_loss()(deltas, k, -targets), "the targets are added"),
        (
            lambda deltas, *rest: box_loss(row=lambda k: 0)(deltas.sum(1)[:, None], *rest),
            "the rows of all classes are added up",
        ),
        (
            lambda deltas, *rest: box_loss(row=lambda k: 0)(deltas.mean(1)[:, None], *rest),
            "the rows of all classes are averaged",
        ),
        (box_loss(row=lambda k: -k), "the classes are counted from the last row"),
        (
            lambda deltas, k, targets: (
                F.smooth_l1_loss(deltas[k > 0, k[k > 0] - 1], targets[: sum(k > 0)], reduction="sum") / len(k)
            ),
            "the targets of the first regions are taken",
        ),
        (box_loss_by_mean, "that is the mean over the numbers of the regions with an object; add up"),
        (box_loss_by_default, "that is the mean over the numbers of the regions with an object, NaN"),
        (box_loss_of_all_rows, "the rows of all classes are compared"),
        (box_loss_of_background, "the background is included; regions of class 0"),
        (lambda deltas, *rest: box_loss()(deltas.float().detach(), *rest), "the value is right, but its gradient"),
        (lambda *case: box_loss()(*case).item(), "expected a torch tensor, got a float"),
    ],
    "lay": [
        (lay(shape=lambda s, r: (s / r**0.5, s / r**0.5)), "the height is divided by the root of the ratio"),
        (lambda h, w, stride, *rest: lay()(h, w, stride, *rest) - (stride - 1) / 2, "0.5 is added after the multiplication"),
        (lay(shape=lambda s, r: (s, s * r**0.5)), "the width is `size` and the height size sqrt(ratio)"),
        (lay_in_pairs, "size i is only combined with ratio i"),
        (lambda h, w, *rest: lay()(h, w, *rest).reshape(h, w, -1, 4), "the anchors keep an axis"),
        (lay(centre=lambda j, stride: j * stride), "an anchor is centred on its cell's corner"),
        (lay(centre=lambda j, stride: j * stride + stride // 2), "`stride // 2` cuts half a pixel off"),
        (lay(centre=lambda j, stride: j + 0.5), "`stride` is missing"),
        (lay(centre=lambda j, stride: (j + 1) * stride), "an anchor is centred one cell too far"),
        (lay(shape=lambda s, r: (s / r, s)), "the height is `size`"),
        (lay(shape=lambda s, r: (s * r**0.5, s / r**0.5)), "width and height are exchanged"),
        (lay(shape=lambda s, r: (s / r, s * r)), "the root of the ratio is missing"),
        (lay(shape=lambda s, r: (s, s * r)), "the width is `size`"),
        (lay(shape=lambda s, r: (s, s)), "the ratio is ignored"),
        (lay(shape=lambda s, r: (s * r**0.5, s * r**0.5)), "the width is multiplied by the root of the ratio"),
        (lay(shape=lambda s, r: (s * r, s / r)), "the root of the ratio is missing, and width and height are exchanged"),
        (lay(shape=lambda s, r: ((s / r) ** 0.5, (s * r) ** 0.5)), "`sizes` are taken for areas"),
        (lay(box=lambda x, y, w, h: [x, y, w, h]), "those are centres and sizes"),
        (lay(box=lambda x, y, w, h: [x - w, y - h, x + w, y + h]), "the corners are a whole width and height"),
        (lay(box=lambda x, y, w, h: [y - h / 2, x - w / 2, y + h / 2, x + w / 2]), "x and y are exchanged"),
        (lay(box=lambda x, y, w, h: [x - w / 2, y - h / 2, w, h]), "those are a corner and sizes"),
        (lay(box=lambda x, y, w, h: [x - w / 2, x + w / 2, y - h / 2, y + h / 2]), "the order is x1, x2, y1, y2"),
        (
            lay(box=lambda x, y, w, h: [x - w / 2, y - h / 2, x + w / 2 - 1, y + h / 2 - 1]),
            "the second corner is one pixel short",
        ),
        (lay(box=lambda x, y, w, h: [x - w / 2, y + h / 2, x + w / 2, y - h / 2]), "y1 and y2 are exchanged"),
        (lambda *case: lay()(*case).relu(), "negative coordinates are clipped to 0"),
        (lambda *case: lay()(*case).round(), "the anchors are rounded to whole pixels"),
        (lambda h, w, s, *rest: lay()(h, w, s, *rest) / s, "the anchors are divided by the stride"),
        (lay(box=lambda x, y, w, h: [x, y, x + w, y + h]), "the centre is taken for the upper left corner"),
        (lay(box=lambda x, y, w, h: [y - w / 2, x - h / 2, y + w / 2, x + h / 2]), "x and y of the centres are exchanged"),
        (lay(order="jisr"), "the columns come before the rows"),
        (lay(order="ijrs"), "the ratios come before the sizes"),
        (lay(order="srij"), "the sizes and ratios come before the cells"),
        (lay(order="rsij"), "the ratios and sizes come before the cells"),
        (lambda h, w, s, sizes, r: lay()(h, w, s, s * sizes, r), "`sizes` are multiplied by the stride"),
        (lambda h, w, *rest: lay()(w, h, *rest), "`height` and `width` of the map are exchanged"),
        (
            lambda h, w, s, *rest: lay()(h, w, s, *rest).clamp(0).minimum(torch.tensor([w * s, h * s] * 2)),
            "the anchors are clipped",
        ),
        (lambda *case: lay()(*case).unflatten(0, (case[0], -1)), "the values are right, but their shape"),
        (lambda *case: lay()(*case).int(), "expected floats"),
    ],
    "assign": [
        (assign_by_rows, "`argmax(1)` is taken for the best anchor"),
        (assign_own_object_first, "the best anchors are positive only if"),
        (assign(best="none"), "an object whose best anchor is below `positive` has none"),
        (assign(best="no background"), "the best anchor of an object is made background"),
        (assign(best="own"), "the best anchor of an object may overlap another"),
        (assign(rest=-1), "an anchor between the two thresholds is made background"),
        (assign(positive_too=lambda iou, t: iou > t), "an anchor of exactly `positive`"),
        (assign(positive_too=lambda iou, t: iou >= 0.7), "0.7 is used instead of `positive`"),
        (assign(positive_too=lambda iou, t: False), "only the best anchor of each object is positive"),
        (assign(negative_too=lambda iou, t: iou <= t), "an anchor of exactly `negative` is not below it"),
        (assign(positive_too=lambda iou, t: iou >= 0.7, negative_too=lambda iou, t: iou < 0.3), "0.7 and 0.3 are used"),
        (assign(negative_too=lambda iou, t: iou < 0.3), "0.3 is used instead of `negative`"),
        (assign(background=-2, rest=-1), "-1 and -2 are exchanged"),
        (assign(chosen=lambda row: 0), "3 of the 8 values differ"),
        (assign(chosen=lambda row: int((row >= 0.6).argmax())), "an anchor above `positive` is given to the first"),
        (assign(chosen=lambda row: int((row >= 0.6).nonzero()[0].max())), "an anchor above `positive` is given to the last"),
        (lambda overlap, p, n: torch.where(torch.tensor(assign()(overlap, p, n)) >= 0, 1, -1), "1 of the 3 values differs"),
        (lambda overlap, p, n: (overlap.max(1).values >= p).long(), "2 of the 3 values differ"),
        (lambda overlap, p, n: torch.tensor(assign()(overlap, p, n)) + 1, "every value is 1 too large: 3 of the 3"),
        (lambda overlap, p, n: assign()(overlap.T, p, n), "the result is what you get if axes 0 and 1 of `overlap`"),
        (lambda overlap, p, n: torch.tensor(assign()(overlap, p, n)).float(), "expected integers"),
        (lambda *case: [1 if match >= 0 else match for match in assign()(*case).tolist()], "a positive anchor has a 1"),
        (lambda *case: assign()(*case).clip(max=0), "every positive anchor is given to object 0"),
        (lambda *case: [match + 1 if match >= 0 else match for match in assign()(*case)], "the objects are counted from 1"),
        (assign_two_kinds, "an anchor between the two thresholds is made positive"),
        (
            lambda *case: assign_object_by_object(*case, order=reversed),
            "an anchor with several objects from `positive` on is given to the first",
        ),
        (assign_object_by_object, "an anchor with several objects from `positive` on is given to the last"),
        (assign_best_if_unmatched, "an object that has a positive anchor already"),
        (assign_below_with_one, "an anchor below `negative` with one object"),
        (assign_best_of_all, "only one object gets its best anchor"),
        (assign_by_mean, "the mean of a row is compared with `negative`"),
        (assign(background=0), "background is 0"),
        (assign(rest=0), "an anchor that is left out is 0"),
    ],
    "what_anchors_are": [("A.", "the image is no input of `lay`"), ("b", "no anchor is a parameter")],
    "focal": [
        (lambda x, y, gamma: focal()(x, y, gamma) if y.any() else 0 * x.sum(), "the loss is 0 without an object"),
        (
            lambda x, y, gamma: (
                F.binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="sum")
                * ((y.to(x.dtype) - x.sigmoid()).abs() ** gamma).sum()
                / max(1, int(y.sum()))
            ),
            "factors and losses are added up before",
        ),
        *((focal_with_floor(floor), f"a floor of {floor:g} below p_t") for floor in (1e-6, 1e-7, 1e-8, 1e-10, 1e-12)),
        (focal(power=lambda p, gamma: 1), "the factor is missing, so this is the cross-entropy"),
        (lambda x, y, gamma: F.binary_cross_entropy_with_logits(x, y.to(x)), "the factor is missing, and the sum"),
        (focal(power=lambda p, gamma: p**gamma), "the factor is p_t^gamma"),
        (focal(power=lambda p, gamma: gamma * (1 - p)), "`gamma` is a factor here"),
        (focal(power=lambda p, gamma: (1 - p) ** 2), "gamma is 2 whatever the argument"),
        (focal(power=lambda p, gamma: (1 - p) ** (gamma - 1)), "the result is what you get if 1 is subtracted from"),
        (focal(divide=lambda y: len(y)), "the sum is divided by the number of all anchors"),
        (lambda *case: focal(divide=lambda y: 1)(*case) / case[0].numel(), "the sum is divided by the number of all anchors"),
        (focal(divide=lambda y: 1), "the sum is not divided"),
        (focal(divide=lambda y: y.sum()), "the sum is divided by the number of objects even if there is none"),
        (focal(divide=lambda y: (~y).sum().clamp(min=1)), "the sum is divided by the number of anchors of background"),
        (focal(divide=lambda y: 1 + y.sum()), "the sum is divided by one more"),
        (focal(alpha=(0.25, 0.75)), "objects are weighted by 0.25 and background by 0.75"),
        (focal(alpha=(0.25, 1)), "objects are weighted by 0.25, and alpha"),
        (focal(alpha=(0.75, 0.25)), "objects are weighted by 0.75"),
        (focal_of_one_logarithm, "the logarithm is that of p for background too"),
        (focal(alpha=(1, 0)), "only the anchors with an object are added up"),
        (focal(alpha=(0, 1)), "only the anchors of background are added up"),
        (focal(alpha=(-1, -1)), "the loss has the wrong sign"),
        (focal(true=lambda x, y: x), "p is used for background too"),
        (focal(true=lambda x, y: torch.where(y, -x, x)), "objects and background are exchanged"),
        (focal_of_one_probability, "the factor is (1 - p)^gamma for background too"),
        (focal_by_logarithms, "a logarithm of 0 makes the result infinite or NaN"),
        (focal_of_logits, "the factor is computed from the logits"),
        (focal_detached, "the value is right, but the gradient"),
        (lambda *case: focal()(*case).item(), "expected a torch tensor"),
        (lambda *case: focal()(*case)[None], "the values are right, but their shape"),
        (focal_of_mean, "the factor is applied to the mean loss"),
        (focal(power=lambda p, gamma: 1 - p**gamma), "the factor is 1 - p_t^gamma"),
        (lambda x, y, gamma: focal_times((2 - one_minus_p_t(x, y)) ** gamma, x, y), "the factor is (1 + p_t)^gamma"),
        (lambda x, y, gamma: (one_minus_p_t(x, y) ** gamma).sum() / y.sum().clamp(min=1), "the logarithm is missing"),
        (
            lambda x, y, gamma: focal_times(torch.where(y, one_minus_p_t(x, y) ** gamma, 1), x, y),
            "only the anchors with an object have the factor",
        ),
        (
            lambda x, y, gamma: focal_times(one_minus_p_t(x, y) ** gamma, x, y, torch.sigmoid),
            "the sigmoid is applied twice",
        ),
        (
            lambda x, y, gamma: (
                sum((one_minus_p_t(x, y) * F.binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="none")) ** gamma)
                / max(int(y.sum()), 1)
            ),
            "the product is raised to gamma",
        ),
        (focal_cut_off, "large losses are cut off"),
        (focal(divide=lambda y: len(y) * max(int(y.sum()), 1)), "the sum is divided twice"),
    ],
}
