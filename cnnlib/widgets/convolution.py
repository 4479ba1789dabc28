"""The explorers of lesson 01: a kernel that slides step by step, and nine weights on a photograph."""

import ipywidgets as ui
import numpy as np
import torch
from torch.nn import functional as F

from cnnlib import figures
from cnnlib.canvas import draw_box
from cnnlib.data.photos import PHOTOS, photo
from cnnlib.layers import output_size
from cnnlib.widgets import LOOK, WRAP, Explorer, menu, slider


def convolution_explorer() -> Explorer:
    """Slide a kernel over a 7 x 7 image, step by step: stride, padding, dilation and kernel size."""
    controls = {
        "kernel": slider("kernel", 3, 1, 5),
        "stride": slider("stride", 1, 1, 3),
        "padding": slider("padding", 0, 0, 2),
        "dilation": slider("dilation", 1, 1, 3),
        "step": slider("step", 7, 1, 25),
    }

    def draw(kernel: int, stride: int, padding: int, dilation: int, step: int) -> figures.Figure:
        steps = output_size(7, kernel, stride, padding, dilation) ** 2
        controls["step"].max = steps
        return convolution_step(kernel, stride, padding, dilation, min(step, steps) - 1)

    return Explorer(draw, controls)


@figures.course_style()
def convolution_step(kernel: int, stride: int, padding: int, dilation: int, step: int) -> figures.Figure:
    """Draw one step of a convolution: the padded image with the window, the kernel, the output so far."""
    image = torch.randint(0, 5, (1, 1, 7, 7), generator=torch.Generator().manual_seed(3)).float()
    weight = torch.randint(-1, 2, (1, 1, kernel, kernel), generator=torch.Generator().manual_seed(8)).float()
    padded = F.pad(image, (padding,) * 4)[0, 0]
    output = F.conv2d(image, weight, None, stride, padding, dilation)[0, 0]
    row, column = divmod(step, output.shape[1])
    top, left = row * stride, column * stride
    window = padded[top : top + dilation * kernel : dilation, left : left + dilation * kernel : dilation][:kernel, :kernel]
    done = output.flatten().clone()
    done[step + 1 :] = float("nan")

    sides = len(padded), kernel, len(output)
    figure, axes = figures.blank(9.6, 4.4, 1, 3, widths=[max(side, 3) for side in sides])
    figures.number_grid(
        axes[0], padded.numpy(), "image 7 x 7" + (f" (dashed), padding {padding} on each side" if padding else ""), 4
    )
    figures.number_grid(axes[1], weight[0, 0].numpy(), f"kernel {kernel} x {kernel}", 1)
    figures.number_grid(axes[2], done.view_as(output).numpy(), f"output {len(output)} x {len(output)}", 8)
    if padding:
        draw_box(axes[0], (padding, padding, padding + 7, padding + 7), figures.COLOURS[0], style="--", width=2, halo=0)
    for i, j in np.ndindex(kernel, kernel):
        x, y = left + j * dilation, top + i * dilation
        draw_box(axes[0], (x, y, x + 1, y + 1), figures.INK, width=2.5, halo=0)
    draw_box(axes[2], (column, row, column + 1, row + 1), figures.INK, width=2.5, halo=0)
    terms = [f"{int(p)}·{f'({int(w)})' if w < 0 else int(w)}" for p, w in zip(window.flatten(), weight.flatten(), strict=True)]
    shown = " + ".join(terms if len(terms) <= 9 else [*terms[:7], "..."])
    value = int(output[row, column])
    figure.suptitle(f"step {step + 1} of {output.numel()}:   {shown} = {value}", fontsize=figures.NORMAL)
    figure.alt = (
        f"A {kernel} x {kernel} kernel with stride {stride}, padding {padding} and dilation {dilation} on a 7 x 7 image gives "
        f"{len(output)} x {len(output)} numbers; step {step + 1} of {output.numel()} gives {value}."
    )
    return figure


KERNELS = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "vertical edges (Sobel)": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal edges (Sobel)": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "all edges (Laplace)": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
}


def filter_explorer() -> Explorer:
    """Slide nine weights of your own over a photograph; the menu fills in well-known ones."""
    cells = {
        f"w{i}{j}": ui.FloatText(
            0.0,
            step=0.5,
            description=f"row {i + 1}, column {j + 1}",
            style=LOOK["style"],
            layout={"width": "14.5em"},
        )
        for i in range(3)
        for j in range(3)
    }
    known = menu("filter", KERNELS, "vertical edges (Sobel)")
    picture = menu("photograph", PHOTOS, "hopper")
    grid = ui.GridBox(list(cells.values()), layout={"grid_template_columns": "repeat(3, 15em)"})
    grays = {name: photo(name, 224).mean(1, keepdim=True) for name in PHOTOS}

    def draw(picture: str, **weights: float) -> figures.Figure:
        return filtered(grays[picture], torch.tensor(list(weights.values())).view(3, 3))

    def fill(name: str) -> None:
        for cell, weight in zip(cells.values(), np.ravel(KERNELS[name]), strict=True):
            cell.value = round(float(weight), 4)

    fill(known.value)
    explorer = Explorer(draw, {"picture": picture, **cells}, ui.VBox([ui.HBox([known, picture], layout=WRAP), grid]))

    def choose(change: dict) -> None:
        with explorer.hold():
            fill(change["new"])

    known.observe(choose, names="value")
    return explorer


@figures.course_style()
def filtered(gray: torch.Tensor, kernel: torch.Tensor) -> figures.Figure:
    """Draw a grey photograph (1, 1, H, W) beside what a 3x3 filter makes of it."""
    response = F.conv2d(gray, kernel[None, None], padding=1)
    figure, axes = figures.blank(7.2, 3.8, 1, 2)
    axes[0].imshow(gray[0, 0].numpy(), cmap="gray", vmin=0, vmax=1)
    sums_to_one = abs(kernel.sum().item() - 1) < 0.05
    limit = 1.0 if sums_to_one else max(response[0, 0, 1:-1, 1:-1].abs().max().item(), 1e-6)
    axes[1].imshow(
        response[0, 0].numpy(), cmap="gray" if sums_to_one else "RdBu_r", vmin=0 if sums_to_one else -limit, vmax=limit
    )
    for ax, title in zip(
        axes, ("the photograph", f"after the filter: {response.min():.2f} to {response.max():.2f}"), strict=True
    ):
        ax.set_title(title)
        ax.axis("off")
    known = [name for name, weights in KERNELS.items() if torch.allclose(kernel, torch.tensor(weights).float(), atol=1e-3)]
    figure.alt = f"A grey photograph, and the same after a 3x3 filter ({(known or ['of your own'])[0]}): {kernel.tolist()}."
    return figure
