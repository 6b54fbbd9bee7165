using System.CommandLine;

namespace FedQueue.Cli.Simulation.Comparisons;

/// <summary>What a simulation is compared with at its end.</summary>
internal enum Compared
{
    /// <summary>With nothing.</summary>
    None,

    /// <summary>With each participant's own model and with forecasts without a model.</summary>
    Local,

    /// <summary>Also with one model of all data.</summary>
    Central,
}

internal static class CompareOption
{
    public static Option<Compared> Create() => new("--compare")
    {
        Description = "What the result stands beside: local (each participant's own model, which takes as long again as the run), central (also one model of all data, which takes longer) or none.",
        DefaultValueFactory = _ => Compared.Local,
    };

    /// <summary>For a run whose data nobody has in one place.</summary>
    public static Option<Compared> ForAggregator()
    {
        var option = new Option<Compared>("--compare")
        {
            Description = "What the result stands beside: local (each participant's own model, trained after the run) or none. Forecasts without a model always do.",
            DefaultValueFactory = _ => Compared.None,
        };
        option.Validators.Add(value =>
        {
            if (value.Tokens is [var token] && token.Value.Equals(nameof(Compared.Central), StringComparison.OrdinalIgnoreCase))
                value.AddError("--compare central needs all data in one place, which only 'fedqueue simulate' has.");
        });
        return option;
    }
}
