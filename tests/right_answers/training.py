"""Right answers of lesson 02, written another way than the references."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def cross_entropy_row_by_row(scores, targets):
    losses = []
    for row, target in zip(scores, targets, strict=True):
        shifted = row - row.max()
        losses.append(torch.log(torch.exp(shifted).sum()) - shifted[target])
    return sum(losses) / len(losses)


def cross_entropy_by_gather(scores, targets):
    log_p = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    return -log_p.gather(1, targets.unsqueeze(1)).squeeze(1).mean()


def cross_entropy_by_one_hot(scores, targets):
    shifted = scores - scores.amax(1, keepdim=True).detach()
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -(F.one_hot(targets, scores.shape[1]) * log_p).sum() / len(scores)


def cross_entropy_by_nll(scores, targets):
    return nn.NLLLoss()(nn.LogSoftmax(dim=-1)(scores), targets)


def epoch_with_a_list(net, opt, data):
    net.train()
    losses = []
    for x, y in data:
        opt.zero_grad(set_to_none=False)
        out = net(x)
        loss = nn.CrossEntropyLoss()(out, y)
        loss.backward()
        opt.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()


def epoch_cleared_after_the_step(net, opt, data):
    net.train(True)
    net.zero_grad()
    total, count = 0, 0
    for x, y in data:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        opt.zero_grad()
        total, count = total + float(loss), count + 1
    return total / count


def epoch_cleared_by_the_network(net, opt, data):
    for module in net.modules():
        module.train()
    losses = np.zeros(len(data))
    for place in range(len(data)):
        net.zero_grad()
        loss = -F.log_softmax(net(data[place][0]), 1)[range(len(data[place][1])), data[place][1]].mean()
        loss.backward()
        opt.step()
        losses[place] = loss.item()
    return losses.mean()


def norm_by_torch(images, gamma, beta, mean, var, is_training):
    mean, var = mean.clone(), var.clone()
    return F.batch_norm(images, mean, var, gamma, beta, is_training, momentum=0.1, eps=1e-5), mean, var


def norm_of_flat_channels(images, gamma, beta, mean, var, is_training):
    rows = images.transpose(0, 1).flatten(1)  # (C, N H W)
    count = rows.shape[1]
    if is_training:
        m, v = rows.mean(1), ((rows - rows.mean(1, keepdim=True)) ** 2).mean(1)
        new_mean, new_var = mean + 0.1 * (m - mean), var + 0.1 * (v * count / (count - 1) - var)
    else:
        m, v, new_mean, new_var = mean, var, mean, var
    scale = gamma * torch.rsqrt(v + 1e-5)
    y = images * scale[None, :, None, None] + (beta - m * scale)[None, :, None, None]
    return [y, new_mean.detach(), new_var.detach()]


def norm_channel_by_channel(images, gamma, beta, mean, var, is_training):
    outputs, means, variances = [], [], []
    for c in range(images.shape[1]):
        channel = images[:, c]
        m, v = (channel.mean(), channel.var(unbiased=False)) if is_training else (mean[c], var[c])
        outputs.append(gamma[c] * (channel - m) / torch.sqrt(v + 1e-5) + beta[c])
        means.append(mean[c] * 0.9 + channel.mean() * 0.1 if is_training else mean[c])
        variances.append(var[c] * 0.9 + channel.var() * 0.1 if is_training else var[c])
    return torch.stack(outputs, 1), torch.stack(means), torch.stack(variances)


def shift_by_slices(x, right, down):
    out = torch.zeros_like(x)
    height, width = x.shape[-2:]
    rows, columns = (slice(max(by, 0), size + min(by, 0)) for by, size in ((down, height), (right, width)))
    from_rows, from_columns = (slice(max(-by, 0), size + min(-by, 0)) for by, size in ((down, height), (right, width)))
    out[..., rows, columns] = x[..., from_rows, from_columns]
    return out


def shift_by_rolling(x, right, down):
    out = torch.roll(x, shifts=(down, right), dims=(2, 3))
    height, width = x.shape[2:]
    out[:, :, :down] = 0 if down > 0 else out[:, :, :down]
    out[:, :, height + min(down, 0) :] = 0
    out[..., : max(right, 0)] = 0
    out[..., width + min(right, 0) :] = 0
    return out


def shift_in_loops(x, right, down):
    out = x.new_zeros(x.shape)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            if 0 <= i - down < x.shape[2] and 0 <= j - right < x.shape[3]:
                out[:, :, i, j] = x[:, :, i - down, j - right]
    return out


class CrossEntropy(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_softmax = nn.LogSoftmax(1)

    def forward(self, scores, targets):
        is_right = torch.arange(scores.shape[1]) == targets[:, None]
        return -self.log_softmax(scores)[is_right].mean()


def epoch_by_closures(net, optimizer, batches):
    net.train()

    def step(x, y):
        def closure():
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            return loss

        return optimizer.step(closure).item()

    return sum(step(*batch) for batch in batches) / len(batches)


class Norm(nn.Module):
    def forward(self, x, weight, bias, running_mean, running_var, training=False):
        mean, var = running_mean.clone(), running_var.clone()
        return F.batch_norm(x, mean, var, weight, bias, training), mean, var


class Shift(nn.Module):
    def forward(self, images, right, down):
        return torch.stack([nn.ZeroPad2d([right, -right, down, -down])(image) for image in images])


RIGHT_ANSWERS = {
    "cross_entropy": [
        cross_entropy_row_by_row,
        cross_entropy_by_gather,
        cross_entropy_by_one_hot,
        cross_entropy_by_nll,
        CrossEntropy(),
    ],
    "train_epoch": [epoch_with_a_list, epoch_cleared_after_the_step, epoch_cleared_by_the_network, epoch_by_closures],
    "batch_norm": [norm_by_torch, norm_of_flat_channels, norm_channel_by_channel, Norm()],
    "shift": [shift_by_slices, shift_by_rolling, shift_in_loops, Shift()],
    "factor": ["1/6", 0.167, math.sqrt(1 / 36), "0.1667"],
}
