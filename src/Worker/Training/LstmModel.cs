using FedQueue.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedQueue.Worker.Training;

/// <summary>LSTM layers, the last one's last step, linear to one output: inputs [N, window, inputs], outputs [N, 1].</summary>
internal sealed class LstmModel : nn.Module<Tensor, Tensor>
{
    private readonly ModelPlan plan;
    private readonly LSTM lstm;
    private readonly Linear linear;

    private LstmModel(ModelPlan plan) : base(nameof(LstmModel))
    {
        this.plan = plan;
        lstm = nn.LSTM(plan.Inputs, plan.Units, numLayers: plan.Layers, batchFirst: true);
        linear = nn.Linear(plan.Units, 1);
        RegisterComponents();
    }

    /// <summary>A model with the weights given, shape [P] in the order of <see cref="ModelPlan.Tensors"/>.</summary>
    public static LstmModel From(ModelPlan plan, ReadOnlySpan<float> weights)
    {
        if (weights.Length != plan.ParameterCount())
            throw new ArgumentException($"{weights.Length} weights were given for a model of {plan.ParameterCount()} parameters.", nameof(weights));

        var model = new LstmModel(plan);
        var byName = model.ParametersByName();
        using var noGradients = no_grad();
        using var temporaries = NewDisposeScope();
        var offset = 0;
        foreach (var layout in plan.Tensors())
        {
            var values = weights.Slice(offset, layout.Length).ToArray();
            byName[layout.Name].copy_(tensor(values, [.. layout.Shape.Select(extent => (long)extent)]));
            offset += layout.Length;
        }

        return model;
    }

    /// <summary>A copy of all parameters in the order of <see cref="ModelPlan.Tensors"/>.</summary>
    public float[] Weights()
    {
        var byName = ParametersByName();
        return [.. plan.Tensors().SelectMany(layout => byName[layout.Name].data<float>().ToArray())];
    }

    public override Tensor forward(Tensor input)
    {
        var (_, hidden, _) = lstm.forward(input);
        return linear.forward(hidden.select(0, plan.Layers - 1));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lstm.Dispose();
            linear.Dispose();
        }

        base.Dispose(disposing);
    }

    private Dictionary<string, Parameter> ParametersByName() => named_parameters().ToDictionary(p => p.name, p => p.parameter);
}
