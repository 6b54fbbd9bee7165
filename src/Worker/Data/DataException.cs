namespace FedQueue.Worker.Data;

/// <summary>
/// Data that cannot be trained on. The message is one sentence for people: the file, where it applies the line, column and
/// value, and what to do about it.
/// </summary>
internal class DataException(string message) : Exception(message);

/// <summary>There is no data where it should be.</summary>
internal sealed class NoDataException(string message) : DataException(message);
