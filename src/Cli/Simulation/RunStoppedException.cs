namespace FedQueue.Cli.Simulation;

/// <summary>A run's process can no longer train it; the message says why and how to go on.</summary>
internal sealed class RunStoppedException(string message) : Exception(message);
