namespace FedQueue.Contracts;

/// <summary>LSTM layers one above the other, the last one's last step, and a linear layer to one output.</summary>
public sealed record ModelPlan
{
    /// <summary>Features of one row, at least 1.</summary>
    public required int Inputs { get; init; }

    /// <summary>Hidden units of each LSTM layer, 1 to 4,096. Default 32.</summary>
    public int Units { get; init; } = 32;

    /// <summary>LSTM layers, 1 to 16. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>
    /// The tensors in the order in which their values travel, each row-major. Names, shapes and gate order (input, forget,
    /// cell, output) are those of PyTorch's <c>nn.LSTM</c> and <c>nn.Linear</c>, so that a saved model loads there as it is.
    /// </summary>
    public IReadOnlyList<TensorShape> Tensors() =>
    [
        .. Enumerable.Range(0, Layers).SelectMany(layer => new TensorShape[]
        {
            new($"lstm.weight_ih_l{layer}", [4 * Units, layer == 0 ? Inputs : Units]),
            new($"lstm.weight_hh_l{layer}", [4 * Units, Units]),
            new($"lstm.bias_ih_l{layer}", [4 * Units]),
            new($"lstm.bias_hh_l{layer}", [4 * Units]),
        }),
        new("linear.weight", [1, Units]),
        new("linear.bias", [1]),
    ];

    /// <summary>The same as <see cref="ParameterCount"/>, also of a model that is far too large.</summary>
    public long Size()
    {
        long units = Units;
        return 4 * units * (Inputs + units + 2) + (Layers - 1) * (4 * units * (2 * units + 2)) + units + 1;
    }

    /// <summary>Number of float32 values that the model consists of; 5,409 for the tutorial's.</summary>
    public int ParameterCount() => Tensors().Sum(tensor => tensor.Length);
}

/// <summary>Name and shape of one tensor of a model.</summary>
public sealed record TensorShape(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>Number of values.</summary>
    public int Length => Shape.Aggregate(1, (product, extent) => product * extent);
}
