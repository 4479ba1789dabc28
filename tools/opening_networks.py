"""The opening pictures of the lessons on networks with shortcuts and with concatenations."""

from cnnlib import results
from cnnlib.canvas import Figure, blank, course_style
from cnnlib.charts import name_lines
from cnnlib.colours import COLOURS, PALE
from cnnlib.drawings.densenet import arrows
from tools.opening_pictures import INCHES


@course_style()
def resnet() -> Figure:
    """Show the training losses of a network, of a deeper one, and of the deeper one with shortcuts, a line per seed."""
    figure, (ax,) = blank(INCHES, 3.0)
    ends = []
    kinds = {"plain-8": ("8 layers", 1, "-"), "plain-20": ("20 layers", 1, "--"), "residual-20": ("20, with shortcuts", 0, "-")}
    for kind, (name, colour, dashes) in kinds.items():
        losses = [run["loss"] for run in results.read("long_training").values[kind].values()]
        for loss in losses:
            ax.plot(range(1, 11), loss, dashes, color=COLOURS[colour], label=name if loss is losses[0] else None)
        ends.append(f"{name}, {' and '.join(f'{loss[-1]:.2f}' for loss in losses)}")
    ax.set(xlabel="epoch", ylabel="training loss", xticks=range(1, 11), ylim=(0, None))
    ax.grid(color=PALE)
    name_lines(ax)
    figure.alt = f"Training loss over ten epochs, three runs of each network. The runs end at: {'; '.join(ends)}."
    return figure


@course_style()
def densenet() -> Figure:
    """Show a residual chain and a dense block, and what two such networks learn and store."""
    figure, axes = blank(INCHES, 2.5, 1, 4, widths=[1.35, 1.35, 0.95, 0.95])
    for ax, kind, title in zip(axes, ("residual", "dense"), ("ResNet adds maps", "DenseNet concatenates them"), strict=False):
        arrows(ax, kind, 4)
        ax.set_title(title, fontsize=10)
    sizes = {"million parameters": (0.85, 0.77), "MB stored per image": (4.3, 34.9)}
    for ax, (title, heights) in zip(axes[2:], sizes.items(), strict=True):
        bars = ax.bar(("ResNet", "DenseNet"), heights, color=(COLOURS[2], COLOURS[0]), width=0.7)  # as in the lesson
        ax.bar_label(bars, fontsize=10, padding=2)
        ax.set_title(title, fontsize=10)
        ax.margins(y=0.15)
        ax.yaxis.set_visible(False)
        ax.spines[["left", "right", "top"]].set_visible(False)
    figure.alt = (
        "In a residual chain, arrows jump over two layers each; in a dense block, every layer reads all layers before it. "
        "Next to them, bars: the ResNet has 0.85 million parameters and stores 4.3 MB per image, the DenseNet has 0.77 million "
        "parameters and stores 34.9 MB."
    )
    return figure
