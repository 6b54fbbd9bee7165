using System.Globalization;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>Values as the dashboard writes them.</summary>
internal static class Text
{
    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    public static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Number(double? value) => value is null ? "–" : Figure.Of(value);

    public static string Share(double? value) => value?.ToString("0.0 %", CultureInfo.InvariantCulture) ?? "–";

    public static string Seconds(double? value) => value is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} s");

    /// <summary>Number of a round; the one after the plan's last only evaluates, and people do not count it.</summary>
    public static string Round(int? round, int rounds) => round > rounds ? "evaluation" : $"{round}";

    public static string Outage(Exception exception) => $"The database does not answer ({exception.GetBaseException().Message.TrimEnd('.')})";

    public static string Ago(DateTimeOffset? time, DateTimeOffset now) =>
        time is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (now - time.Value).TotalSeconds):0} s ago");
}
