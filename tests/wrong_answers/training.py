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


def entropy_of_the_whole_batch(scores, y):
    e = torch.exp(scores)
    return -torch.log(torch.take_along_dim(e, y[:, None], 1) / torch.sum(e)).mean()


def entropy_with_the_largest_of_each_class(scores, y):
    e = torch.exp(scores - torch.amax(scores, 0, keepdim=True))
    return -torch.log(e.gather(1, y[:, None])[:, 0] / e.sum(1)).sum() / len(y)


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


def epoch_that_returns_a_mean_early(net, opt, data):
    net.train()
    total = 0.0
    for x, y in data:
        value = F.cross_entropy(net(x), y)
        opt.zero_grad()
        value.backward()
        opt.step()
        total += value.item()
        return total / len(data)


def epoch_with_a_new_loss(net, opt, data):
    net.train()
    losses = []
    for x, y in data:
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
        losses.append(F.cross_entropy(net(x), y).item())
    return sum(losses) / len(losses)


def epoch_by_hand(net, opt, data):
    net.train()
    total = 0.0
    for x, y in data:
        loss = F.cross_entropy(net(x), y)
        net.zero_grad()
        loss.backward()
        with torch.no_grad():
            for weight in net.parameters():
                weight -= opt.defaults["lr"] * weight.grad
        total += loss.item()
    return total / len(data)


def epoch_with_an_optimizer_of_its_own(rate):
    return lambda net, opt, data: epoch()(net, torch.optim.SGD(net.parameters(), rate), data)


def epoch_with_two_backward_passes(network, optimizer, batches):
    network.train()
    losses = []
    for x, y in batches:
        loss = F.cross_entropy(network(x), y)
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def epoch_twice(net, opt, data):
    return [epoch()(net, opt, data) for _ in range(2)].pop()


def epoch_that_returns_the_accuracy(net, opt, data):
    right = []
    epoch(loss=lambda out, y: right.append(np.mean((out.argmax(1) == y).numpy())) or F.cross_entropy(out, y))(net, opt, data)
    return np.mean(right)


def epoch_with_a_graph(net, opt, data):
    net.train()
    total = 0
    for x, y in data:
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss
    return total / len(data)


def halved(losses, data):
    average = 0
    for loss in losses:
        average = 0.5 * average + 0.5 * loss
    return average


def weighted(by):
    return lambda losses, data: sum(by(loss, len(y)) for loss, (_, y) in zip(losses, data, strict=True)) / len(losses)


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


def rooted(outside=0.0, inside=0.0):
    """Normalise with `eps` in other places, or none."""
    return lambda x, m, v, w, b: (x - m) / (torch.sqrt(v + inside) + outside) * w + b


def by_mode(training, other):
    """Be wrong in one mode: with `other` options if `training` is what the case says."""
    return lambda *values: norm(**other)(*values) if values[-1] is training else norm()(*values)


def statistics(dims, correction=0, square=False):
    def used(x, mean, var, training):
        spread = x.square().mean(dims, keepdim=True) if square else x.var(dims, correction=correction, keepdim=True)
        return (x.mean(dims, keepdim=True), spread) if training else (mean, var)

    return used


def norm_with_statistics_exchanged(x, w, b, mean, var, training):
    y, *_ = norm()(x, w, b, mean, var, training)
    if training:
        mean, var = 0.9 * mean + 0.1 * x.var((0, 2, 3)), 0.9 * var + 0.1 * x.mean((0, 2, 3))
    return y, mean, var


def norm_with_one_update(mean_moves):
    def batch_norm(x, w, b, mean, var, training):
        y, new_mean, new_var = norm()(x, w, b, mean, var, training)
        return (y, new_mean, var) if mean_moves else (y, mean, new_var)

    return batch_norm


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


def shift_rolled_and_cleared(x, right, down):
    y = torch.roll(x, (right, down), (-1, -2))
    y[..., :right] = 0
    y[..., :down, :] = 0
    return y


def shift_in_loops(x, right, down):
    y = torch.zeros_like(x)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            if i - down < x.shape[2] and j - right < x.shape[3]:
                y[:, :, i, j] = x[:, :, i - down, j - right]
    return y


def shift_cleared(x, right, down):
    y = x.clone()
    y[:, :, : down if down > 0 else 0] = 0
    y[..., : right if right > 0 else 0] = 0
    return y


def shift_over_a_copy(x, right, down):
    y = x.clone()
    for i in range(max(down, 0), min(x.shape[2] + down, x.shape[2])):
        for j in range(max(right, 0), min(x.shape[3] + right, x.shape[3])):
            y[:, :, i, j] = x[:, :, i - down, j - right]
    return y


def shift_of_one_image(x, right, down):
    y = x.clone()
    y[0] = shifted(x, down, right)[0]
    return y


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
        *[
            (lambda s, y, eps=eps: -torch.log(probability(s, y) + eps).mean(), f"{eps:g} keeps the probability away from 0")
            for eps in (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
        ],
        *[
            (lambda s, y, eps=eps: -probability(s, y).clip(eps).log().mean(), f"the probability is kept above {eps:g}")
            for eps in (1e-7, 1e-6)
        ],
        *[
            (lambda s, y, most=most: entropy()(s.clip(-most, most), y), f"the logits are limited to {most}")
            for most in (20, 50, 100, 500)
        ],
        (
            lambda s, y: (s.flatten().logsumexp(0) - s.gather(1, y[:, None])).mean(),
            "the softmax runs over all images and classes; it",
        ),
        (entropy_of_the_whole_batch, "the softmax runs over all images and classes, and"),
        (
            lambda s, y: (torch.log(torch.exp(s - s.amax()).sum(-1)) - (s - s.amax())[range(len(y)), y]).sum() / len(y),
            "the largest logit of all images is subtracted",
        ),
        (entropy_with_the_largest_of_each_class, "the largest logit of each class is subtracted"),
        (entropy(reduce=lambda losses: losses[-1]), "that is the loss of the last image alone"),
        (entropy(reduce=lambda losses: losses[0]), "that is the loss of the first image alone"),
        (lambda s, y: torch.logsumexp(s, -1).sum() / len(y), "the logit of the right class is missing"),
        (
            lambda s, y: (torch.logsumexp(s, 1) - (s - s.amax(1, keepdim=True))[range(len(y)), y]).mean(),
            "the largest logit is subtracted from the logit of the right class",
        ),
        (lambda s, y: entropy()(s, y - 1), "that is the loss of the class before"),
        (entropy(reduce=lambda losses: losses.mean() / len(losses)), "the mean is divided by the number of images once more"),
        (entropy(reduce=lambda losses: losses.mean().exp()), "that is the exponential of the loss"),
        (lambda s, y: -torch.log(probability(s, y).sum() / len(y)), "the logarithm is taken of the mean probability"),
        (lambda s, y: nn.BCEWithLogitsLoss()(s, F.one_hot(y, s.shape[1]).to(s)), "that is the binary cross-entropy"),
        (lambda s, y: ((s - F.one_hot(y, s.shape[1])) ** 2).mean(), "that is the squared error of the logits"),
        (lambda s, y: (s.amax(1) - s[range(len(y)), y]).sum() / len(y), "the largest logit stands in"),
        (lambda s, y: torch.mean(torch.log(s.sum(1)) - s[range(len(y)), y]), "`exp` is missing: the logits themselves"),
        (lambda s, y: -torch.log(s / s.sum(1)[:, None])[range(len(y)), y].mean(), "the logits are divided by their sum"),
        (lambda s, y: entropy()(s / s.amax(1)[:, None], y), "the logits are divided by the largest one"),
        (entropy(reduce=torch.median), "that is the median"),
        (lambda s, y: entropy()(-s, y), "the sign of the logits is wrong"),
        (
            lambda s, y: entropy(reduce=torch.sum)(s, y) / s.shape[1],
            "the sum over the images is divided by the number of classes",
        ),
        (lambda s, y: entropy()(s, y)[None], "the values are right, but their shape should be (), not (1,)"),
        (lambda s, y: entropy(reduce=torch.amax)(s, y), "that is the largest loss of all images"),
        (lambda s, y: 1 - (s.argmax(1) == y).to(s).mean(), "that is the share of images that are predicted wrongly"),
        (
            lambda s, y: -torch.stack([1 / (1 + torch.exp(-a[b])) for a, b in zip(s, y, strict=True)]).log().mean(),
            "that is the sigmoid's",
        ),
        (nn.CrossEntropyLoss(), "the values are right, but `cross_entropy` is ready-made"),
        (lambda s, y: entropy()(s, y).item(), "expected a torch tensor, got a float"),
        (lambda s, y: F.cross_entropy(s.detach(), y), "the value is right, but its gradient does not reach"),
        (lambda s, y: (s.argmax(1) == y).double().mean(), "expected "),
    ],
    "train_epoch": [
        (epoch(clear=False), "the gradients are not cleared from batch to batch"),
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
        (epoch_that_returns_a_mean_early, "the function returns in the loop"),
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
        (epoch_with_a_graph, "expected a number, got a tensor that keeps its graph"),
        (lambda net, opt, data: epoch()(net, opt, data[: len(data) - 1]), "the last batch is left out; use"),
        (
            lambda net, opt, data: epoch(mean=lambda losses, used: sum(losses) / (len(used) + 1))(net, opt, data[:-1]),
            "the last batch is left out, but counted",
        ),
        (lambda net, opt, data: epoch()(net, opt, data[1:]), "the first batch is left out"),
        (epoch(mean=lambda losses, data: np.sum(losses) / (len(data) - 1)), "the losses are divided by one less"),
        (
            epoch(before=lambda net: None, mean=lambda losses, data: np.sum(losses)),
            "the network is not in training mode, and the losses are added",
        ),
        (
            epoch(clear=False, mean=lambda losses, data: np.sum(losses)),
            "the gradients are not cleared from batch to batch, and the losses",
        ),
        (epoch(mean=lambda losses, data: np.max(losses)), "that is the largest loss of all batches"),
        (epoch(mean=lambda losses, data: np.min(losses)), "that is the smallest loss of all batches"),
        (epoch_with_two_backward_passes, "`loss.backward()` is called twice"),
        (epoch_twice, "the list is gone through twice"),
        (epoch(loss=nn.NLLLoss()), "`F.nll_loss` expects logarithms"),
        (epoch(mean=lambda losses, data: losses[-1] / len(data)), "the total holds the last loss alone"),
        (epoch(mean=weighted(lambda loss, n: loss / n)), "each loss is divided by the number of images"),
        (epoch(mean=weighted(lambda loss, n: loss * n)), "each loss is multiplied by the number of images"),
        (epoch(mean=lambda losses, data: sum(losses) / len(data[0])), "the losses are divided by 2"),
        (
            epoch(mean=lambda losses, data: sum(losses) / len(data[0][1])),
            "the losses are divided by the number of images of the first",
        ),
        (epoch(mean=halved), "each loss is averaged with the mean so far"),
        (epoch_by_hand, "the weights are moved without the optimizer's momentum"),
        *[
            (epoch_with_an_optimizer_of_its_own(rate), f"the weights move at a learning rate of {rate}")
            for rate in (0.1, 0.01, 0.001)
        ],
        (epoch_that_returns_the_accuracy, "that is the accuracy"),
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
        (0, "that is close to 0"),
        (3, "3 is the inverse of the convolution's factor"),
        (2.0, "2 is what He initialisation makes up for"),
        ("3/2", "3/2 is the inverse of 2/3"),
        (0.25, "1/4 halves twice"),
        ("1/12", "1/12 halves twice"),
        (0.577, "that is the factor of the root mean square, for the convolution"),
        (0.02778, "1/36 is the factor of two layers"),
        (0.166, "0.166 is cut off"),
        (0.17, "0.17 is rounded too far"),
        (16.6667, "that is in per cent"),
        ("16.7", "16.7 is in per cent"),
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
        (
            by_mode(True, dict(used=unbiased, y=rooted(1e-5))),
            "in training mode the unbiased standard deviation normalises, and",
        ),
        (
            by_mode(True, dict(used=unbiased, y=rooted())),
            "in training mode the unbiased standard deviation normalises, without",
        ),
        (norm(used=unbiased, y=rooted(1e-5)), "the unbiased variance normalises, and `eps` is added"),
        (norm(used=unbiased, y=rooted()), "the unbiased variance normalises, and `eps` is missing"),
        *[(norm(y=rooted(inside=eps)), f"`eps` is {eps:g}") for eps in (1e-3, 1e-4, 1e-6, 1e-8)],
        *[
            (
                norm(moved=lambda old, new, by=by: by[0] * old + by[1] * new),
                f"the new running statistics are {by[0]} times the old plus {by[1]} times",
            )
            for by in ((0.99, 0.01), (0.5, 0.5), (0.9, 1), (0.9, 0), (1.1, -0.1), (0.8, 0.2), (0.9, 0.01))
        ],
        (norm_with_one_update(True), "the running mean is updated, the running variance is not"),
        (norm_with_one_update(False), "the running variance is updated, the running mean is not"),
        (norm_with_statistics_exchanged, "the running mean moves towards the variance"),
        (
            norm(kept=lambda x: (x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0) / (1 - 1 / len(x)))),
            "the stored variance is divided by the number of images minus 1",
        ),
        (norm(kept=biased_kept, y=rooted()), "the biased variance is stored, and `eps` is missing"),
        (norm(kept=biased_kept, y=rooted(1e-5)), "the biased variance is stored, and `eps` is added"),
        (
            norm(kept=biased_kept, moved=lambda old, new: torch.lerp(old, new, 0.9)),
            "the running statistics move nine tenths of the way, and",
        ),
        (norm(used=statistics((0,))), "the statistics are those of each pixel"),
        (norm(used=statistics((1, 2, 3))), "the statistics are those of each image over all"),
        *[
            (
                norm(
                    used=statistics(dims, correction),
                    kept=lambda x, dims=dims, correction=correction: (
                        x.mean((0, 2, 3)),
                        torch.var(x, dim=dims, correction=correction, keepdim=True).mean(dim=(0, 2, 3)),
                    ),
                ),
                f"the statistics are those of {part}, and the running ones"
                if correction == 0
                else f"the statistics are those of {part}, with",
            )
            for dims, part in (((2, 3), "each image alone"), ((0,), "each pixel over the images"))
            for correction in (0, 1)
        ],
        (
            norm(used=over_all, kept=lambda x: (x.mean().expand(x.shape[1]), x.var().expand(x.shape[1]))),
            "there is one mean and one variance for all channels",
        ),
        (norm(used=statistics((0, 2))), "the columns are left out"),
        (norm(used=statistics((0, 2, 3), square=True)), "the mean square stands in for the variance; subtract"),
        (
            norm(
                used=statistics((0, 2, 3), square=True),
                kept=lambda x: (x.mean((0, 2, 3)), (x**2).mean((0, 2, 3))),
            ),
            "the mean square stands in for the variance, in",
        ),
        (norm(y=lambda x, m, v, w, b: w * (x - m) / v.sqrt() + 1e-5 + b), "`eps` is added to the result"),
        (
            by_mode(False, dict(y=lambda x, m, v, w, b: (x - m) / (v + 1e-5).sqrt())),
            "`weight` and `bias` are missing in evaluation mode",
        ),
        (
            by_mode(False, dict(y=lambda x, m, v, w, b: (x - m) / (v + 1e-5) * w + b)),
            "the square root is missing in evaluation mode",
        ),
        (
            by_mode(True, dict(y=lambda x, m, v, w, b: (x - m) / (v + 1e-5) * w + b)),
            "the square root is missing in training mode",
        ),
        (by_mode(False, dict(y=rooted())), "`eps` is missing in evaluation mode"),
        (by_mode(True, dict(y=rooted())), "`eps` is missing in training mode"),
        (norm(y=lambda x, m, v, w, b: (w * x - m) / (v + 1e-5).sqrt() + b), "`weight` multiplies the input before"),
        (norm(y=lambda x, m, v, w, b: w * (x - m / (v + 1e-5).sqrt()) + b), "only the mean is divided"),
        (
            norm(kept=lambda x: (x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0) / (1 - 1 / x.numel()))),
            "the m of the stored variance counts the numbers of all channels",
        ),
        (norm(y=lambda x, m, v, w, b: (w * x + b - m) / (v + 1e-5).sqrt()), "`weight` and `bias` are applied before"),
        (norm(y=lambda x, m, v, w, b: w * (x - m) * (v + 1e-5).sqrt() + b), "the deviation from the mean is multiplied"),
        (
            norm(used=lambda x, mean, var, training: (mean, var), updates=lambda training: True),
            "the running statistics normalise in training mode too, and are updated",
        ),
        (norm(moved=lambda old, new: new, kept=biased_kept), "the running statistics are replaced by those of the batch, with"),
        (norm(y=lambda x, m, v, w, b: w * (x + m) / (v + 1e-5).sqrt() + b), "the mean is added"),
        (norm(y=lambda x, m, v, w, b: w * (x - m) / (v + 1e-5).sqrt() - b), "`bias` is subtracted"),
        (norm(y=lambda x, m, v, w, b: w * (x - m.detach()) / torch.sqrt(v.detach() + 1e-5) + b), "the value is right, but"),
    ],
    "evaluation": [("b", "overfitting would show"), (" C", "without `torch.no_grad()`"), (["a"], "answer one of")],
    "flatten": [
        (np.array([4]), "4 images went in"),
        ((16, 400), "expected a number, got a tuple"),
        (7, "7 is not right"),
        *[(wrong, f"{wrong} ") for wrong in (1, 2, 8, 25, 40, 64, 100, 160, 256)],
        (0.25, "1/4 is how much of an image"),
    ],
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
        (shift_rolled_and_cleared, "what comes in again on the other side is cleared for positive shifts alone"),
        (lambda x, right, down: nn.ZeroPad2d((right, right, down, down))(x), "zeros are added on both sides"),
        (lambda x, right, down: nn.ZeroPad2d((0, right, 0, down))(x), "zeros are added on the right and at the bottom"),
        (
            lambda x, right, down: nn.ZeroPad2d((right, 0, down, 0))(x)[..., : x.shape[2], : x.shape[3]],
            "negative shifts make the images smaller",
        ),
        (
            lambda x, right, down: F.pad(F.pad(x, (max(0, right), 0, max(0, down), 0)), (0, -right, 0, -down)),
            "negative shifts make the images larger",
        ),
        (lambda x, right, down: x[..., right:][..., down:, :], "pixels are cut off, and no zeros are added"),
        (lambda x, right, down: shifted(x - 1, down, right) + 1, "the pixels that become free are 1"),
        (shift_over_a_copy, "the pixels that become free keep their old values"),
        (lambda x, right, down: nn.ZeroPad2d((right, down, -right, -down))(x), "`F.pad` takes (left, right, top, bottom)"),
        (shift_of_one_image, "only the first image of the batch is moved"),
        (lambda x, right, down: shifted(x, down, right)[:1], "only the first image of the batch is returned"),
        (lambda x, right, down: shifted(shifted(x, down, right), down, right), "the images move twice as far"),
        (lambda x, right, down: shifted(x, right, right), "the images move down by `right`"),
        (lambda x, right, down: shifted(x, down, down), "the images move right by `down`"),
        (
            lambda x, right, down: torch.stack([F.pad(one, (0, 0, right, -right, down, -down)) for one in x]),
            "`F.pad` starts with the last axis",
        ),
        (shift_cleared, "the edge is cleared, but the images do not move"),
        (shift_in_loops, "a negative index counts from the end"),
        (
            lambda x, right, down: shifted(x, columns=right) + shifted(x, rows=down),
            "a copy moved to the right and a copy moved down are added",
        ),
        (lambda x, right, down: shifted(x, down - 1, right - 1), "the images move one pixel less"),
        (lambda x, right, down: x * 0, "all pixels are 0"),
        (lambda x, right, down: shifted(x, down + 1, right + 1), "the images move one pixel more"),
        (lambda x, right, down: shifted(x, -right, -down), "`right` and `down` are exchanged, and"),
        (lambda x, right, down: torch.roll(shifted(x, down), right, -1), "what leaves on the left or right comes in"),
        (
            lambda x, right, down: torch.roll(F.pad(x, (right, -right)), down, dims=2),
            "what leaves at the top or bottom comes in on the other side",
        ),
        (lambda x, right, down: nn.ConstantPad2d((right, -right, down, -down), -1.0)(x), "the pixels that become free are -1"),
        (
            lambda x, right, down: F.pad(x, [right, -right, down, -down]) if min(right, down) > 0 else x.clone(),
            "the images only move if both numbers are positive",
        ),
        (lambda x, right, down: F.pad(x, [right // 2, -(right // 2), down // 2, -(down // 2)]), "the images move half as far"),
        (
            lambda x, right, down: F.pad(x, [-abs(right), abs(right), -abs(down), abs(down)]),
            "the images move left and up, what",
        ),
        (lambda x, right, down: x * 2, "16 of the 16 values differ"),
    ],
}
