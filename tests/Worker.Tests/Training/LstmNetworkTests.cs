using FedQueue.Contracts;
using FedQueue.Worker.Training;
using TorchSharp;

namespace FedQueue.Worker.Tests.Training;

public class LstmNetworkTests
{
    /// <summary>Inputs, units, layers, window, windows: the tutorial's, multiples of the vector's width and not, remainders of every kernel.</summary>
    public static TheoryData<int, int, int, int, int> Shapes { get; } = new()
    {
        { 8, 32, 1, 10, 32 },
        { 1, 1, 1, 1, 1 },
        { 1, 1, 3, 2, 2 },
        { 3, 5, 1, 4, 7 },
        { 17, 16, 1, 3, 6 },
        { 5, 33, 2, 6, 11 },
        { 2, 20, 3, 5, 13 },
        { 8, 64, 2, 30, 10 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Outputs_and_gradients_equal_those_of_libtorch(int inputs, int units, int layers, int window, int count)
    {
        var model = new ModelPlan { Inputs = inputs, Units = units, Layers = layers };
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var (weights, values, byOutput) = Random(model, window, count, seed);
            var network = new LstmNetwork(model, window, count);
            network.Load(weights);
            network.Forward(values, Everyone(count));
            network.Backward(byOutput);

            var (outputs, gradients) = Torch(model, weights, values, byOutput, window);
            AssertClose(outputs, network.Outputs.ToArray(), 1e-5, "outputs");
            foreach (var (name, range) in TensorRanges(model))
                AssertClose(gradients[range], network.FlatGradients()[range], 1e-4, $"gradients of {name}, seed {seed}");
        }
    }

    [Fact]
    public void Gradients_equal_central_differences()
    {
        var model = new ModelPlan { Inputs = 2, Units = 3, Layers = 2 };
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var (weights, values, byOutput) = Random(model, window: 4, count: 5, seed);
            var network = new LstmNetwork(model, 4, 5);
            network.Load(weights);
            network.Forward(values, Everyone(5));
            network.Backward(byOutput);

            const double step = 1e-5;
            var expected = Enumerable.Range(0, weights.Length).Select(i => (float)((Sum(i, step) - Sum(i, -step)) / (2 * step))).ToArray();
            AssertClose(expected, network.FlatGradients(), 1e-4, $"gradients, seed {seed}");

            double Sum(int index, double shift) => Enumerable.Range(0, 5).Sum(n =>
                byOutput[n] * ReferenceLstm.Predict(model, weights, values.AsSpan(n * 8, 8), index, shift));
        }
    }

    [Fact]
    public void Gradients_of_two_calls_add_up_and_a_smaller_batch_leaves_nothing_behind()
    {
        var model = new ModelPlan { Inputs = 3, Units = 5, Layers = 2 };
        var (weights, values, byOutput) = Random(model, window: 4, count: 9, seed: 1);
        float[] Of(int batch, params int[][] steps)
        {
            var network = new LstmNetwork(model, 4, batch);
            network.Load(weights);
            foreach (var chosen in steps)
            {
                network.Forward(values, chosen);
                network.Backward([.. chosen.Select(n => byOutput[n])]);
            }

            return network.FlatGradients();
        }

        AssertClose(Of(9, Everyone(9)), Of(6, [0, 1, 2, 3, 4, 5], [8, 7, 6]), 1e-5, "gradients");
    }

    [Fact]
    public void Weights_come_back_as_they_were_given()
    {
        var model = new ModelPlan { Inputs = 3, Units = 18, Layers = 3 };
        var weights = Enumerable.Range(0, model.ParameterCount()).Select(i => (float)i).ToArray();
        var network = new LstmNetwork(model, 2, 2);

        network.Load(weights);

        Assert.Equal(weights, network.Weights());
        Assert.Throws<ArgumentException>(() => network.Load(weights.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Forward(new float[18], [0, 1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Forward(new float[18], [3]));
        network.Forward(new float[18], [0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Backward([1]));
    }

    [Fact]
    public void Activations_are_those_of_mathematics()
    {
        for (var x = -20.0; x <= 20; x += 0.001)
        {
            Assert.Equal(Math.Tanh(x), Activation.Tanh(System.Runtime.Intrinsics.Vector512.Create((float)x))[3], 4e-7);
            Assert.Equal(1 / (1 + Math.Exp(-x)), Activation.Sigmoid(System.Runtime.Intrinsics.Vector512.Create((float)x))[5], 2e-7);
        }

        Assert.True(float.IsNaN(Activation.Tanh(System.Runtime.Intrinsics.Vector512.Create(float.NaN))[0]));
    }

    private static int[] Everyone(int count) => [.. Enumerable.Range(0, count)];

    private static (float[] Weights, float[] Inputs, float[] ByOutput) Random(ModelPlan model, int window, int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        float[] Values(int length) => [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5))];
        return (Values(model.ParameterCount()), Values(count * window * model.Inputs), Values(count));
    }

    private static (float[] Outputs, float[] Gradients) Torch(ModelPlan model, float[] weights, float[] inputs, float[] byOutput, int window)
    {
        using var everything = torch.NewDisposeScope();
        using var lstm = LstmModel.From(model, weights);
        var outputs = lstm.forward(torch.tensor(inputs, [byOutput.Length, window, model.Inputs]));
        outputs.backward([torch.tensor(byOutput, [byOutput.Length, 1])]);
        var byName = lstm.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        return ([.. outputs.data<float>()], [.. model.Tensors().SelectMany(t => byName[t.Name].grad!.contiguous().data<float>().ToArray())]);
    }

    private static IEnumerable<(string Name, Range Range)> TensorRanges(ModelPlan model)
    {
        var offset = 0;
        foreach (var tensor in model.Tensors())
        {
            yield return (tensor.Name, offset..(offset + tensor.Length));
            offset += tensor.Length;
        }
    }

    /// <summary>Every value within the tolerance, relative to the largest of them.</summary>
    private static void AssertClose(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = Math.Max(expected.Max(Math.Abs), 1e-6);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"{what}: {actual[i]} at {i}, not {expected[i]}, where the largest is {scale}.");
    }
}
