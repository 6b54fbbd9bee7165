using System.Globalization;

namespace FedQueue.Contracts;

/// <summary>Numbers in tables for people: four decimals, and an exponent where those would say nothing or fill the line.</summary>
public static class Figure
{
    private const double LeastWithDecimals = 1e-4;
    private const double MostWithDecimals = 1e7;

    /// <summary>The number in at most 12 characters, such as <c>7.2010</c>, <c>1.2346e+12</c> or <c>-</c> for null.</summary>
    public static string Of(double? number) => number is { } value ? Formatted(value, "0.0000") : "-";

    /// <summary>A loss, whose interest is in its later digits.</summary>
    public static string OfLoss(double loss) => Formatted(loss, "0.000000");

    /// <summary>A value of somebody's data, with the digits that it has: <c>20.5</c>, <c>1234567</c>, <c>1.5e+22</c>.</summary>
    public static string OfData(double value) => Formatted(value, "0.######");

    private static string Formatted(double value, string format) =>
        value.ToString(value == 0 || Math.Abs(value) is >= LeastWithDecimals and < MostWithDecimals ? format : $"{format}e+0", CultureInfo.InvariantCulture);
}
