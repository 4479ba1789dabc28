"""Wrong answers of lesson 02."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

OVERFLOWS = "`exp` of a large logit overflows, or is 0 in a whole row"
NEVER = "the weights do not change from batch to batch"


def entropy(read=lambda log_p, y: log_p[range(len(y)), y], reduce=lambda losses: losses.sum() / len(losses), dim=1, sign=-1):
    """Write the loss from log-probabilities, with something changed."""
    return lambda scores, y: reduce(sign * read(nn.LogSoftmax(dim)(scores), y))


def entropy_of_probabilities(scores, y):
    p = torch.exp(scores) / torch.exp(scores).sum(dim=1, keepdim=True)
    return torch.stack([-torch.log(p[i, y[i]]) for i in range(len(y))]).mean()


def entropy_with_the_largest_of_all(scores, y):
    e = torch.exp(scores - scores.max())
    return -torch.log(e.gather(1, y[:, None])[:, 0] / e.sum(1)).sum() / len(y)


def entropy_of_a_large_sum(scores, y):
    return torch.mean(torch.log(torch.sum(torch.exp(scores), 1)) - scores.gather(1, y[:, None]).squeeze())


def entropy_shifted_once(scores, y):
    shifted = scores - scores.amax(dim=1, keepdim=True)
    return (torch.log(torch.exp(shifted).sum(dim=1)) - scores[torch.arange(len(y)), y]).mean()


def probability(scores, y):
    return torch.softmax(scores, -1).gather(1, y.view(-1, 1)).flatten()


def entropy_of_every_class(scores, y):
    p, truth = torch.softmax(scores, 1), F.one_hot(y, scores.shape[1]).double()
    return F.binary_cross_entropy(p, truth, reduction="sum") / len(y)


def squared(scores, y):
    return ((torch.softmax(scores, 1) - torch.eye(scores.shape[1], dtype=scores.dtype)[y]) ** 2).sum() / len(y)


def epoch(before=lambda net: net.train(), clear=True, loss=F.cross_entropy, mean=lambda losses, data: np.mean(losses)):
    """Write the loop with something changed."""

    def train(net, opt, data):
        before(net)
        losses = []
        for x, y in data:
            value = loss(net(x), y)
            if clear:
                opt.zero_grad()
            value.backward()
            opt.step()
            losses.append(value.item())
        return mean(losses, data)

    return train


def epoch_cleared_before_the_step(net, opt, data):
    net.train()
    total = 0
    for x, y in data:
        value = F.cross_entropy(net(x), y)
        value.backward()
        opt.zero_grad()
        opt.step()
        total += value.item()
    return total / len(data)


def epoch_with_two_steps(net, opt, data):
    net.train()
    losses = []
    for x, y in data:
        losses.append(nn.CrossEntropyLoss()(net(x), y))
        opt.zero_grad()
        losses[-1].backward()
        for _ in range(2):
            opt.step()
    return float(np.mean([value.item() for value in losses]))


def epoch_without_steps(net, opt, data):
    net.train()
    losses = []
    for x, y in data:
        opt.zero_grad()
        losses.append(nn.functional.cross_entropy(net(x), y))
        losses[-1].backward()
    return torch.stack(losses).mean().item()


def epoch_with_one_step(net, opt, data):
    net.train()
    value = sum(F.cross_entropy(net(x), y) for x, y in data) / len(data)
    opt.zero_grad()
    value.backward()
    opt.step()
    return value.item()


def epoch_that_returns_early(net, opt, data):
    net.train()
    for x, y in data:
        value = F.cross_entropy(net(x), y)
        opt.zero_grad()
        value.backward()
        opt.step()
        return value.item()


def epoch_with_a_new_loss(net, opt, data):
    net.train()
    losses = []
    for x, y in data:
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
        losses.append(F.cross_entropy(net(x), y).item())
    return sum(losses) / len(losses)


def norm(**changed):
    """Write batch norm by torch's own functions, with something changed."""
    by = dict(
        used=lambda x, mean, var, training: (x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)) if training else (mean, var),
        kept=lambda x: (x.mean((0, 2, 3)), x.var((0, 2, 3))),
        updates=lambda training: training,
        moved=lambda old, new: torch.lerp(old, new, 0.1),
        y=lambda x, m, v, w, b: (x - m) * torch.rsqrt(v + 1e-5) * w + b,
        order=lambda y, mean, var: (y, mean, var),
    )
    by |= changed

    def batch_norm(x, w, b, mean, var, training):
        m, v = (one if one.ndim > 1 else one[:, None, None] for one in by["used"](x, mean, var, training))
        y = by["y"](x, m, v, w[:, None, None], b[:, None, None])
        if by["updates"](training):
            mean, var = (by["moved"](old, new) for old, new in zip((mean, var), by["kept"](x), strict=True))
        return by["order"](y, mean, var)

    return batch_norm


def batch_statistics(x, mean, var, training):
    return torch.mean(x, dim=(0, 2, 3)), torch.var(x, dim=(0, 2, 3), unbiased=False)


def unbiased(x, mean, var, training):
    return (x.mean((0, 2, 3)), x.var((0, 2, 3))) if training else (mean, var)


def biased_kept(x):
    return x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)


def per_image(x, mean, var, training):
    per = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
    return per if training else (mean, var)


def over_all(x, mean, var, training):
    if not training:
        return mean, var
    return x.mean().view(1, 1, 1), x.var(unbiased=False).view(1, 1, 1)


def shifted(x, rows=0, columns=0, fill="constant"):
    """Shift by padding and cropping."""
    height, width = x.shape[2:]
    big = F.pad(x, (9, 9, 9, 9)) if fill == "constant" else x
    return big[:, :, 9 - rows : 9 - rows + height, 9 - columns : 9 - columns + width]


def shift_with_edges(x, right, down):
    height, width = x.shape[2:]
    rows = [min(max(i - down, 0), height - 1) for i in range(height)]
    columns = [min(max(j - right, 0), width - 1) for j in range(width)]
    return x[:, :, rows][:, :, :, columns]


WRONG_ANSWERS = {
    "first_loss": [
        ("A", "the loss of guessing among 100 classes"),
        ("(c)", "guessing gives the right class"),
        (4.61, "answer one"),
    ],
    "cross_entropy": [
        (entropy_of_probabilities, OVERFLOWS),
        (entropy_with_the_largest_of_all, OVERFLOWS),
        (entropy_of_a_large_sum, "the loss becomes infinite for large logits"),
        (entropy_shifted_once, "the largest logit is subtracted in the sum but not"),
        (lambda s, y: F.softplus(-s)[range(len(y)), y].mean(), "that is the sigmoid's probability"),
        (entropy(sign=1), "the sign is missing"),
        (entropy(reduce=torch.sum), "the losses are added"),
        (entropy(reduce=lambda losses: losses), "that is one loss per image"),
        (entropy(dim=0), "the softmax runs over the images"),
        (lambda s, y: entropy()(s, y) / s.shape[1], "the mean is over images and classes"),
        (lambda s, y: probability(s, y).sum() / len(y), "the logarithm is missing; that is the mean probability"),
        (lambda s, y: -torch.mean(probability(s, y)), "the logarithm is missing; that is minus the mean probability"),
        (lambda s, y: 1 - probability(s, y).mean(), "that is one minus the probability"),
        (lambda s, y: -s.gather(1, y[:, None]).mean(), "the softmax is missing"),
        (lambda s, y: nn.CrossEntropyLoss()(nn.Softmax(1)(s), y), "the softmax is applied twice"),
        (lambda s, y: F.cross_entropy(s, y) * np.log2(np.e), "the logarithm has base 2"),
        (lambda s, y: F.cross_entropy(s, y) / np.log(10), "the logarithm has base 10"),
        (entropy(read=lambda log_p, y: log_p.sum(1)), "the logarithms of all classes are added"),
        (entropy(read=lambda log_p, y: log_p.mean(1)), "the logarithms of all classes are averaged"),
        (entropy(read=lambda log_p, y: log_p[:, y], reduce=torch.mean), "every image is paired with every label"),
        (entropy(read=lambda log_p, y: log_p.amax(1)), "that is the loss of the class with the largest logit"),
        (lambda s, y: torch.distributions.Categorical(logits=s).entropy().mean(), "that is the entropy of the prediction"),
        (entropy_of_every_class, "expected "),
        (squared, "that is the squared error"),
        (lambda s, y: F.cross_entropy(s.detach(), y), "the value is right, but its gradient does not reach"),
        (lambda s, y: (s.argmax(1) == y).double().mean(), "expected "),
    ],
    "train_epoch": [
        (epoch(clear=False), "the gradients are never cleared"),
        (epoch_cleared_before_the_step, NEVER),
        (epoch_without_steps, NEVER),
        (epoch_with_one_step, NEVER),
        (epoch_with_two_steps, "`optimizer.step()` is called twice"),
        (lambda net, opt, data: epoch()(net, opt, list(reversed(data))), "the batches are used in another order"),
        (epoch(before=lambda net: None), "the network is not in training mode; call"),
        (epoch(before=lambda net: net.eval(), clear=False), "the network is not in training mode, and"),
        (epoch(mean=lambda losses, data: np.sum(losses)), "the losses are added; divide"),
        (epoch(mean=lambda losses, data: losses.pop()), "that is the loss of the last batch"),
        (epoch_that_returns_early, "that is the loss of the first batch"),
        (
            epoch(mean=lambda losses, data: sum(losses) / sum(len(y) for _, y in data)),
            "the losses are added and divided by the number",
        ),
        (
            epoch(mean=lambda losses, data: np.average(losses, weights=[len(y) for _, y in data])),
            "the mean is weighted by the number of images",
        ),
        (
            epoch(mean=lambda losses, data: sum(losses) / len(data[-1][0])),
            "the losses are divided by the number of images of the",
        ),
        (epoch_with_a_new_loss, "the loss is computed again after the step"),
        (epoch(loss=lambda out, y: nn.CrossEntropyLoss()(out.softmax(-1), y)), "a softmax is applied before"),
        (epoch(loss=nn.CrossEntropyLoss(reduction="sum")), "the losses of a batch are added"),
        (epoch(loss=lambda out, y: F.nll_loss(F.log_softmax(out, 1), y) * -1), "the step goes up the gradient"),
        (epoch(mean=lambda losses, data: losses), "expected a number, got a list"),
        (epoch(loss=lambda out, y: F.mse_loss(out.softmax(1), F.one_hot(y, 2).double())), "expected "),
    ],
    "split": [("a", "the test images were not trained on"), ("b)", "the training loss prefers"), ("d", "answer one of")],
    "factor": [
        (1 / 3, "1/3 is the factor of the convolution alone"),
        ("1/2", "1/2 is the factor of the ReLU alone"),
        (1, "1 is the factor of He initialisation"),
        ("2/3", "2/3 doubles where the ReLU halves"),
        (6, "6 is the inverse"),
        (0.408, "that is the factor of the root mean square"),
        (0.111, "1/9 squares the variance"),
        (0.056, "1/18 squares the variance"),
        (1 / 1296, "0.000771605 is not right"),
    ],
    "batch_norm": [
        (norm(used=batch_statistics, updates=lambda training: True), "`training` is ignored"),
        (norm(used=batch_statistics), "the statistics of the batch normalise in evaluation mode too"),
        (norm(updates=lambda training: 1), "the running statistics are updated in evaluation mode too"),
        (norm(used=lambda x, mean, var, training: (mean, var)), "the running statistics normalise in training mode too"),
        (
            norm(
                used=lambda x, mean, var, training: (mean, var) if training else batch_statistics(x, mean, var, training),
                updates=lambda training: not training,
            ),
            "the two modes are exchanged",
        ),
        (norm(updates=lambda training: False), "the running statistics never change"),
        (
            norm(used=lambda x, mean, var, training: (mean, var), updates=lambda training: False),
            "the running statistics normalise in training mode too, and never change",
        ),
        (
            norm(
                used=lambda x, mean, var, training: (
                    (torch.lerp(mean, x.mean((0, 2, 3)), 0.1), torch.lerp(var, x.var((0, 2, 3)), 0.1))
                    if training
                    else (mean, var)
                )
            ),
            "the new running statistics normalise in training mode",
        ),
        (norm(moved=lambda old, new: 0.1 * old + 0.9 * new), "the running statistics move nine tenths"),
        (norm(moved=lambda old, new: new), "the running statistics are replaced"),
        (norm(moved=lambda old, new: old + new / 10), "a tenth of the batch's statistics is added"),
        (norm(kept=biased_kept), "the biased variance is stored"),
        (norm(used=unbiased), "the unbiased variance normalises"),
        (norm(used=unbiased, kept=biased_kept), "the two variances are exchanged"),
        (norm(y=lambda x, m, v, w, b: (x - m) / (v + 1e-5) * w + b), "the square root is missing"),
        (norm(y=lambda x, m, v, w, b: (x - m) / v**0.5 * w + b), "`eps` is missing"),
        (norm(y=lambda x, m, v, w, b: (x - m) / (torch.sqrt(v) + 1e-5) * w + b), "`eps` is added after the square root"),
        (norm(y=lambda x, m, v, w, b: w * (x - m) + b), "the division by the standard deviation is missing"),
        (norm(y=lambda x, m, v, w, b: w * x / torch.sqrt(v + 1e-5) + b), "the mean is not subtracted"),
        (norm(y=lambda x, m, v, w, b: (x - m) / torch.sqrt(v + 1e-5) + b), "`weight` is missing"),
        (norm(y=lambda x, m, v, w, b: w * (x - m) / torch.sqrt(v + 1e-5)), "`bias` is missing"),
        (norm(y=lambda x, m, v, w, b: (x - m) / torch.sqrt(v + 1e-5)), "`weight` and `bias` are missing"),
        (norm(y=lambda x, m, v, w, b: w * ((x - m) / torch.sqrt(v + 1e-5) + b)), "`bias` is added before"),
        (norm(y=lambda x, m, v, w, b: b * (x - m) / torch.sqrt(v + 1e-5) + w), "`weight` and `bias` are exchanged"),
        (norm(kept=lambda x: (x.mean((0, 2, 3)), x.std((0, 2, 3)))), "the standard deviation is stored"),
        (norm(used=per_image), "the statistics are those of each image alone"),
        (norm(used=over_all), "there is one mean for all channels"),
        (norm(order=lambda y, mean, var: (y, var, mean)), "running variance and running mean are returned in the wrong"),
        (norm(order=lambda y, mean, var: y), "expected 3 values, got "),
        (norm(y=lambda x, m, v, w, b: w * (x - m.detach()) / torch.sqrt(v.detach() + 1e-5) + b), "the value is right, but"),
    ],
    "evaluation": [("b", "overfitting would show"), (" C", "without `torch.no_grad()`"), (["a"], "answer one of")],
    "flatten": [(np.array([4]), "4 images went in"), ((16, 400), "expected a number, got a tuple"), (8, "8 is not right")],
    "shift": [
        (
            lambda x, right, down: torch.roll(x, (down, right), dims=(-2, -1)),
            "what leaves the image comes in on the other side",
        ),
        (lambda x, right, down: x.roll(right, -2).roll(down, -1), "what leaves the image comes in on the other side, and"),
        (lambda x, right, down: shifted(x, -down, -right), "the images move left and up"),
        (lambda x, right, down: shifted(x, down, -right), "the images move to the left for a positive"),
        (lambda x, right, down: shifted(x, -down, right), "the images move up for a positive"),
        (lambda x, right, down: shifted(x, right, down), "`right` and `down` are exchanged"),
        (lambda x, right, down: shifted(x, 0, right), "`down` is ignored"),
        (lambda x, right, down: shifted(x, down), "`right` is ignored"),
        (lambda x, right, down: shifted(x, (down > 0) * down, (right > 0) * right), "negative shifts are ignored"),
        (lambda x, right, down: shifted(x, np.abs(down), np.abs(right)), "negative shifts move the images to the right"),
        (lambda x, right, down: nn.ZeroPad2d((right, 0, down, 0))(x), "the images grow"),
        (shift_with_edges, "the pixels of the edge are repeated"),
        (lambda x, right, down: x.clone(), "the images do not move"),
        (lambda x, right, down: x * 2, "22 of the 24 values differ"),
    ],
}
