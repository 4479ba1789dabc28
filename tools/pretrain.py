"""Train the course's backbone on drawn crops and write its weights to cnnlib/models/backbone.pt: `make pretrain`.

About half a minute on one core. The seed is 0, as for the file in the repository, whatever CNNLIB_SEED says.
"""

import os

from cnnlib import anatomy, seeds, training
from cnnlib.data.shapes import crops
from cnnlib.models import backbone
from cnnlib.weights import write_weights

EPOCHS = 5


def main() -> None:
    """Train, write the file, and print the accuracy."""
    os.environ["CNNLIB_SEED"] = "0"
    seeds.seed(0)
    net, test = backbone.classifier(), crops(2000, seed=1)
    history = training.train(net, crops(6000), test, epochs=EPOCHS)
    write_weights(backbone.WEIGHTS, net)
    print(f"{anatomy.parameters(net):,} parameters, {100 * history[-1].scores['accuracy']:.1f} % of {len(test[0])} crops right")
    print(f"{backbone.WEIGHTS.name}: {backbone.WEIGHTS.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
