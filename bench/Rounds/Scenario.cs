using System.Globalization;
using FedQueue.Contracts;

namespace FedQueue.Bench.Rounds;

/// <summary>One combination to measure.</summary>
/// <param name="Participants">All of them answer every round.</param>
/// <param name="Units">Of the LSTM, whose eight inputs are the tutorial's.</param>
/// <param name="Rounds">Rounds that train.</param>
internal sealed record Scenario(int Participants, int Units, int Rounds)
{
    /// <summary>Units that give about so many parameters.</summary>
    public static readonly IReadOnlyDictionary<string, int> Models =
        new Dictionary<string, int> { ["5k"] = 32, ["1M"] = 495, ["10M"] = 1_576 };

    public int ParameterCount => new RunPlan { Units = Units }.Model().ParameterCount();

    /// <summary>Settings of the run that the aggregator starts by itself.</summary>
    public Dictionary<string, string?> Settings(string folder) => new()
    {
        ["FedQueue:Storage:Database"] = Path.Combine(folder, "fedqueue.db"),
        ["FedQueue:Run:AutoStart"] = "true",
        ["FedQueue:Run:Id"] = $"bench-{Guid.NewGuid():N}",
        ["FedQueue:Run:Participants"] = Participants.ToString(CultureInfo.InvariantCulture),
        ["FedQueue:Run:Units"] = Units.ToString(CultureInfo.InvariantCulture),
        ["FedQueue:Run:Rounds"] = Rounds.ToString(CultureInfo.InvariantCulture),
        ["FedQueue:Run:Epochs"] = "1",
    };
}
