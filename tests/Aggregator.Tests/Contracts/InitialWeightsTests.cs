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

    [Fact]
    public void The_recurrent_kernel_has_orthonormal_columns()
    {
        var kernel = Tensor("lstm.weight_hh_l0");
        for (var a = 0; a < 32; a++)
            for (var b = 0; b < 32; b++)
            {
                var dot = Enumerable.Range(0, 128).Sum(row => (double)kernel[row * 32 + a] * kernel[row * 32 + b]);
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

    /// <summary>The literal is what the first release gave: a change here changes the result of every run of every user.</summary>
    [Fact]
    public void The_seed_decides_every_bit()
    {
        Assert.Equal("3a0fca62b4de0fc6de0fdfd1625329a652e8985f91695614f73ec47f44c2eb71", WeightBytes.Sha256(WeightBytes.From(InitialWeights.Create(Tutorial, seed: 1))));
        Assert.NotEqual(InitialWeights.Create(Tutorial, seed: 1), InitialWeights.Create(Tutorial, seed: 2));
    }

    private static float[] Tensor(string name)
    {
        var offset = Tutorial.Tensors().TakeWhile(tensor => tensor.Name != name).Sum(tensor => tensor.Length);
        return InitialWeights.Create(Tutorial, seed: 1)[offset..(offset + Tutorial.Tensors().Single(tensor => tensor.Name == name).Length)];
    }

    private static void AssertUniform(float[] values, double limit)
    {
        Assert.All(values, value => Assert.InRange(value, -limit, limit));
        Assert.InRange(values.Max(), 0.8 * limit, limit);
        Assert.InRange(values.Min(), -limit, -0.8 * limit);
    }
}
