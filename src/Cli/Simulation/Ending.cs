using FedQueue.Cli.Simulation.Comparisons;

namespace FedQueue.Cli.Simulation;

/// <summary>What is done with a run that has completed.</summary>
/// <param name="Compared">What its result stands beside.</param>
/// <param name="Report">Folder of the page about it; null: none.</param>
internal sealed record Ending(Compared Compared, string? Report);
