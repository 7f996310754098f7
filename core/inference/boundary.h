// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core.hpp>

#include <vector>

namespace masque {

/// How far a border may lie from the truth's and still be right: 0.75 % of the image's diagonal, whole pixels, rounded
/// up (Csurka et al. 2013; rounded as by Perazzi et al. 2016).
int boundaryTolerancePx(cv::Size image);

/// The boundary F1 of each class, 0..1, over many images: of an image the harmonic mean of precision (share of the
/// predicted border with the truth's within the tolerance) and recall (the other way round); of many the mean over
/// those where the class occurs in truth or prediction. A border is made of a class's pixels with another class above,
/// below or beside them; neither the image's edge nor what is ignored makes one. Where there is none in both, the class
/// fills both and F1 is 1; where in one alone, 0.
class BoundaryScore {
public:
    explicit BoundaryScore(int classes = 0);
    /// One image: maps of class ids of one size; 255 in the truth is ignored.
    void add(const cv::Mat1b &truth, const cv::Mat1b &prediction);
    /// The same of one class alone, whatever else the maps hold.
    void add(int id, const cv::Mat1b &truth, const cv::Mat1b &prediction);
    void add(const BoundaryScore &other);

    bool occurs(int id) const;
    double f1(int id) const;                 ///< 0 if the class does not occur
    double meanF1(int firstClass = 0) const; ///< over the classes that occur; 0 if none does

private:
    struct Sum {
        double f1 = 0;
        int images = 0;
    };
    void addClass(std::size_t id, const cv::Rect &box, const cv::Mat1b &truth, const cv::Mat1b &prediction);

    std::vector<Sum> m_sums;
};

} // namespace masque
