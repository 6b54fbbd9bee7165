using System.Buffers.Binary;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Models;

/// <summary>
/// Models as ONNX (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): input <c>windows</c> [batch, window, inputs], output <c>prediction</c> [batch, 1].
/// Where all share their ranges, scaling is part of the graph, and both are float64 in the columns' own units; otherwise both are float32, scaled to [0, 1] by
/// the participant's own ranges, which the model does not have.
/// </summary>
internal static class OnnxFile
{
    private const int IrVersion = 8;
    private const int Opset = 17;
    private const int Float32 = 1;
    private const int Int64 = 7;

    private const int Float64 = 11;

    /// <summary>As <c>ColumnRange.Scale</c> has it.</summary>
    private const double MostScaled = 1e30;

    private const string OriginalUnits = "Input and output are in the columns' own units: the graph scales by the ranges of all participants' training rows, which are in "
        + "fedqueue.columns (Spans).";

    private const string ScaledUnits = "Input and output are scaled to [0, 1] by the ranges of the participant's own training rows: scaled = (value - minimum) / (maximum - minimum).";

    /// <summary>Equal models give equal bytes.</summary>
    public static byte[] Bytes(TrainedModel model) => ModelFiles.Joined(Pieces(model));

    /// <summary>The file in pieces, most of which are the model's weights themselves.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Pieces(TrainedModel model)
    {
        var file = new ProtobufMessage();
        file.Add(1, IrVersion).Add(2, "FedQueue").Add(6, UnitsOf(model.Facts.Columns) is null ? ScaledUnits : OriginalUnits).Add(7, Graph(model)).Add(8, new ProtobufMessage().Add(2, Opset));
        foreach (var (key, value) in model.Facts.ToPairs())
            file.Add(14, new ProtobufMessage().Add(1, key).Add(2, value));
        return file.Pieces;
    }

    private static ProtobufMessage Graph(TrainedModel model)
    {
        var plan = model.Plan;
        var tensors = new Dictionary<string, ReadOnlyMemory<byte>>();
        var offset = 0;
        foreach (var tensor in plan.Tensors())
        {
            var length = tensor.Length * sizeof(float);
            tensors[tensor.Name] = model.Weights.AsMemory(offset, length);
            offset += length;
        }

        var graph = new ProtobufMessage();
        var units = UnitsOf(model.Facts.Columns);
        if (units is not null)
            AddScaling(graph, [.. model.Facts.Columns.Features.Select(feature => units[feature])]);

        // ONNX' LSTM takes time first, and its gates are ordered input, output, forget, cell where PyTorch has input, forget, cell, output.
        graph.Add(1, Node("Transpose", [units is null ? "windows" : "scaled"], ["steps_0"], Ints("perm", 1, 0, 2)));
        for (var layer = 0; layer < plan.Layers; layer++)
        {
            var inputs = layer == 0 ? plan.Inputs : plan.Units;
            var last = layer == plan.Layers - 1;
            graph.Add(5, Tensor($"W_{layer}", [1, 4 * plan.Units, inputs], Reordered(tensors[$"lstm.weight_ih_l{layer}"], plan.Units * inputs)));
            graph.Add(5, Tensor($"R_{layer}", [1, 4 * plan.Units, plan.Units], Reordered(tensors[$"lstm.weight_hh_l{layer}"], plan.Units * plan.Units)));
            graph.Add(5, Tensor($"B_{layer}", [1, 8 * plan.Units],
                [.. Reordered(tensors[$"lstm.bias_ih_l{layer}"], plan.Units), .. Reordered(tensors[$"lstm.bias_hh_l{layer}"], plan.Units)]));
            graph.Add(1, Node("LSTM", [$"steps_{layer}", $"W_{layer}", $"R_{layer}", $"B_{layer}"], last ? ["", "last"] : [$"all_{layer}"], Int("hidden_size", plan.Units)));
            if (!last)
                graph.Add(1, Node("Squeeze", [$"all_{layer}", "directions_of_steps"], [$"steps_{layer + 1}"]));
        }

        graph.Add(1, Node("Squeeze", ["last", "directions"], ["hidden"]));
        graph.Add(1, Node("Gemm", ["hidden", "linear.weight", "linear.bias"], [units is null ? "prediction" : "output"], Int("transB", 1)));
        if (units is not null)
            AddUnscaling(graph, units[model.Facts.Columns.Target]);
        graph.Add(5, Axes("directions", 0)).Add(5, Axes("directions_of_steps", 1));
        graph.Add(5, Tensor("linear.weight", [1, plan.Units], [tensors["linear.weight"]]));
        graph.Add(5, Tensor("linear.bias", [1], [tensors["linear.bias"]]));
        return graph.Add(2, "fedqueue")
            .Add(11, Value("windows", units is null ? Float32 : Float64, "batch", model.Facts.Columns.Window, plan.Inputs))
            .Add(12, Value("prediction", units is null ? Float32 : Float64, "batch", 1));
    }

    /// <returns>The range of each column; null unless all of them are shared.</returns>
    private static Dictionary<string, ColumnSpan>? UnitsOf(ColumnPlan columns) => columns.SharesAllRanges() ? columns.Spans!.ToDictionary(span => span.Column) : null;

    /// <summary>In float64, as training scales: a value of millions that differs in its last digits would lose them before.</summary>
    private static void AddScaling(ProtobufMessage graph, IReadOnlyList<ColumnSpan> spans)
    {
        // What never changes is scaled to 0: anything finite divided by infinity.
        graph.Add(5, Doubles("minimum", [.. spans.Select(span => span.Minimum)]));
        graph.Add(5, Doubles("width", [.. spans.Select(span => span.Maximum > span.Minimum ? span.Maximum - span.Minimum : double.PositiveInfinity)]));
        graph.Add(5, Tensor("least", [], Float64, [Bytes(-MostScaled)])).Add(5, Tensor("most", [], Float64, [Bytes(MostScaled)]));
        graph.Add(1, Node("Sub", ["windows", "minimum"], ["above"])).Add(1, Node("Div", ["above", "width"], ["share"]));
        graph.Add(1, Node("Clip", ["share", "least", "most"], ["clipped"])).Add(1, Node("Cast", ["clipped"], ["scaled"], Int("to", Float32)));
    }

    private static void AddUnscaling(ProtobufMessage graph, ColumnSpan target)
    {
        graph.Add(5, Doubles("target_minimum", [target.Minimum])).Add(5, Doubles("target_width", [target.Maximum - target.Minimum]));
        graph.Add(1, Node("Cast", ["output"], ["wide"], Int("to", Float64)));
        graph.Add(1, Node("Mul", ["wide", "target_width"], ["from_minimum"])).Add(1, Node("Add", ["from_minimum", "target_minimum"], ["prediction"]));
    }

    /// <summary>Gates of so many values each.</summary>
    private static ReadOnlyMemory<byte>[] Reordered(ReadOnlyMemory<byte> tensor, int values)
    {
        var gate = values * sizeof(float);
        return [tensor[..gate], tensor[(3 * gate)..], tensor[gate..(3 * gate)]];
    }

    private static ProtobufMessage Node(string operation, string[] inputs, string[] outputs, params ProtobufMessage[] attributes)
    {
        var node = new ProtobufMessage();
        foreach (var input in inputs)
            node.Add(1, input);
        foreach (var output in outputs)
            node.Add(2, output);
        node.Add(4, operation);
        foreach (var attribute in attributes)
            node.Add(5, attribute);
        return node;
    }

    private static ProtobufMessage Int(string name, long value) => new ProtobufMessage().Add(1, name).Add(3, value).Add(20, 2);

    private static ProtobufMessage Ints(string name, params long[] values)
    {
        var attribute = new ProtobufMessage().Add(1, name);
        foreach (var value in values)
            attribute.Add(8, value);
        return attribute.Add(20, 7);
    }

    private static ProtobufMessage Tensor(string name, long[] shape, IReadOnlyList<ReadOnlyMemory<byte>> data) => Tensor(name, shape, Float32, data);

    private static ProtobufMessage Doubles(string name, double[] values) => Tensor(name, [values.Length], Float64, [.. values.Select(value => (ReadOnlyMemory<byte>)Bytes(value))]);

    private static byte[] Bytes(double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return bytes;
    }

    private static ProtobufMessage Axes(string name, long axis)
    {
        var data = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(data, axis);
        return Tensor(name, [1], Int64, [data]);
    }

    private static ProtobufMessage Tensor(string name, long[] shape, int type, IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        var tensor = new ProtobufMessage();
        foreach (var extent in shape)
            tensor.Add(1, extent);
        return tensor.Add(2, type).Add(8, name).Add(9, data);
    }

    /// <summary>A value whose first extent is open.</summary>
    private static ProtobufMessage Value(string name, int type, string first, params long[] rest)
    {
        var shape = new ProtobufMessage().Add(1, new ProtobufMessage().Add(2, first));
        foreach (var extent in rest)
            shape.Add(1, new ProtobufMessage().Add(1, extent));
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, new ProtobufMessage().Add(1, type).Add(2, shape)));
    }
}
