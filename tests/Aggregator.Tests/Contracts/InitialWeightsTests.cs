using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class InitialWeightsTests
{
    private static readonly ModelPlan Tutorial = new() { Inputs = 8, Units = 32 };

    [Fact]
    public void The_tutorials_model_has_5409_parameters() =>
        Assert.Equal(5_409, InitialWeights.Create(Tutorial, seed: 1).Length);

    [Fact]
    public void Kernels_are_uniform_within_Glorots_limit()
    {
        AssertUniform(Tensor("lstm.weight_ih_l0"), Math.Sqrt(6.0 / (8 + 128)));
        AssertUniform(Tensor("linear.weight"), Math.Sqrt(6.0 / (32 + 1)));
    }

    /// <summary>More than 256 units are drawn by another method; 301 leave its last panel, batch and group of rows partly filled.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(301)]
    public void The_recurrent_kernel_has_orthonormal_columns(int units)
    {
        var kernel = Tensor(Tutorial with { Units = units }, "lstm.weight_hh_l0");
        for (var a = 0; a < units; a++)
            for (var b = a; b < units; b++)
            {
                var dot = 0.0;
                for (var row = 0; row < 4 * units; row++)
                    dot += (double)kernel[row * units + a] * kernel[row * units + b];
                Assert.Equal(a == b ? 1 : 0, dot, 1e-6);
            }
    }

    [Fact]
    public void Only_the_forget_gate_has_a_bias_and_only_once()
    {
        var bias = Tensor("lstm.bias_ih_l0");
        Assert.All(bias.Index(), b => Assert.Equal(b.Index is >= 32 and < 64 ? 1 : 0, b.Item));
        Assert.All(Tensor("lstm.bias_hh_l0"), b => Assert.Equal(0, b));
        Assert.All(Tensor("linear.bias"), b => Assert.Equal(0, b));
    }

    /// <summary>The literals are what the first release gave, from 257 units on what November 2026 did: a change here changes the result of every run of every user.</summary>
    [Theory]
    [InlineData(32, "3a0fca62b4de0fc6de0fdfd1625329a652e8985f91695614f73ec47f44c2eb71")]
    [InlineData(256, "757690f26ed81a2f8e9f478384822707052e2d3dd78ebd3d8e204c6627341923")]
    [InlineData(257, "70279d9d4f6074be837ccca8eabeeeee5a911e5e78b508878ff917fec8edaa79")]
    public void The_seed_decides_every_bit(int units, string sha256)
    {
        var model = Tutorial with { Units = units };
        Assert.Equal(sha256, WeightBytes.Sha256(WeightBytes.From(InitialWeights.Create(model, seed: 1))));
        Assert.NotEqual(InitialWeights.Create(model, seed: 1), InitialWeights.Create(model, seed: 2));
    }

    private static float[] Tensor(string name) => Tensor(Tutorial, name);

    private static float[] Tensor(ModelPlan model, string name)
    {
        var offset = model.Tensors().TakeWhile(tensor => tensor.Name != name).Sum(tensor => tensor.Length);
        return InitialWeights.Create(model, seed: 1)[offset..(offset + model.Tensors().Single(tensor => tensor.Name == name).Length)];
    }

    private static void AssertUniform(float[] values, double limit)
    {
        Assert.All(values, value => Assert.InRange(value, -limit, limit));
        Assert.InRange(values.Max(), 0.8 * limit, limit);
        Assert.InRange(values.Min(), -limit, -0.8 * limit);
    }
}
