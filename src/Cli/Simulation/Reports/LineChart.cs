using System.Globalization;
using System.Net;
using System.Text;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation.Reports;

/// <summary>Lines over a common axis as an SVG picture, which a page holds without a script.</summary>
/// <param name="XTitle">Of the horizontal axis.</param>
/// <param name="YTitle">Of the vertical axis.</param>
/// <param name="Lines">At least one with at least one point; a point is (x, y), both finite, in ascending order of x.</param>
internal sealed record LineChart(string XTitle, string YTitle, IReadOnlyList<ChartLine> Lines)
{
    private const int Width = 640;
    private const int Height = 300;
    private const int Left = 60;
    private const int Right = 12;
    private const int Top = 10;
    private const int Bottom = 44;

    /// <summary>About so many numbers stand at an axis.</summary>
    private const int Ticks = 5;

    /// <summary>Distinguishable on white and on black (Okabe and Ito 2008, without black and yellow).</summary>
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

    public string ToSvg()
    {
        var points = Lines.SelectMany(line => line.Points).ToList();
        var (xs, ys) = (Axis.Over(points.Select(p => p.X), Ticks), Axis.Over(points.Select(p => p.Y), Ticks));
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{Encoded(YTitle)} over {Encoded(XTitle)}">""");
        foreach (var tick in ys.Ticks)
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{Y(tick):0.0}" y2="{Y(tick):0.0}"/><text x="{Left - 6}" y="{Y(tick) + 4:0.0}" text-anchor="end">{Figure.OfData(tick)}</text>""");
        foreach (var tick in xs.Ticks)
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{X(tick):0.0}" y="{Height - Bottom + 18}" text-anchor="middle">{Figure.OfData(tick)}</text>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 6}" text-anchor="middle">{Encoded(XTitle)}</text>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text transform="translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle">{Encoded(YTitle)}</text>""");
        foreach (var (line, index) in Lines.Select((line, index) => (line, index)))
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""<polyline fill="none" stroke="{Colours[index % Colours.Length]}" stroke-width="{(index == 0 ? 2.5 : 1.5)}"{(index == 0 ? "" : """ stroke-dasharray="5 3" """)} points="{string.Join(' ', line.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.0},{Y(p.Y):0.0}")))}"/>""");
        svg.AppendLine("</svg>");
        svg.AppendLine($"""<p class="legend">{string.Join("", Lines.Select((line, index) => $"<span><i style=\"background:{Colours[index % Colours.Length]}\"></i>{Encoded(line.Name)}</span>"))}</p>""");
        return svg.ToString();

        double X(double value) => Left + xs.Place(value) * (Width - Left - Right);
        double Y(double value) => Height - Bottom - ys.Place(value) * (Height - Top - Bottom);
    }

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);

    private sealed record Axis(double Minimum, double Maximum, IReadOnlyList<double> Ticks)
    {
        private static readonly double[] RoundFactors = [1, 2, 5, 10];

        /// <summary>Round numbers around the values: steps of 1, 2 or 5 times a power of ten.</summary>
        public static Axis Over(IEnumerable<double> values, int count)
        {
            var (minimum, maximum) = (values.Min(), values.Max());
            var span = maximum > minimum ? maximum - minimum : Math.Max(1, Math.Abs(maximum));
            var power = Math.Pow(10, Math.Floor(Math.Log10(span / count)));
            var step = RoundFactors.Select(factor => factor * power).First(candidate => span / candidate <= count);
            var first = Math.Floor(minimum / step) * step;
            var ticks = Enumerable.Range(0, count + 3).Select(index => first + index * step).TakeWhile(tick => tick < maximum + step).ToList();
            return new(first, ticks[^1] > first ? ticks[^1] : first + step, ticks);
        }

        /// <summary>0 at the minimum, 1 at the maximum.</summary>
        public double Place(double value) => (value - Minimum) / (Maximum - Minimum);
    }
}

/// <summary>One line of a chart, with its name in the legend.</summary>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points);
